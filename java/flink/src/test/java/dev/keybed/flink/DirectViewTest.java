package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keybed.Session;
import dev.keybed.Store;
import dev.keybed.ValueState;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The views write what Flink's write and read what Flink's read. */
class DirectViewTest {
    private static final int STEPS = 20_000;

    @TempDir
    Path folder;

    private Store store;
    private Session session;
    private ValueState state;
    private final DirectOutputView output = new DirectOutputView();
    private final DirectInputView input = new DirectInputView();

    @BeforeEach
    void open() {
        store = Store.open(folder.resolve("store"));
        session = store.newSession();
        session.setKey(0, 1);
        state = session.valueState("state");
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Writes one random thing, and can read it. */
    private interface Step {
        void write(DataOutputView out) throws IOException;

        void check(DataInputView in) throws IOException;
    }

    @Test
    void theBytesAreFlinks() throws IOException {
        Random random = new Random(7);
        List<Step> steps = new ArrayList<>();
        DataOutputSerializer flink = new DataOutputSerializer(16);
        output.to(session.value());
        for (int i = 0; i < STEPS; i++) {
            Step step = step(random);
            steps.add(step);
            step.write(flink);
            step.write(output);
        }
        state.put();
        byte[] bytes = flink.getCopyOfBuffer();
        assertArrayEquals(bytes, state.getBytes());

        input.of(state.get());
        DataInputDeserializer theirs = new DataInputDeserializer(bytes);
        for (Step step : steps) {
            step.check(theirs);
            step.check(input);
            assertEquals(theirs.available(), input.available());
        }
        assertEquals(0, input.available());
    }

    private static Step step(Random random) {
        long number = random.nextLong();
        byte[] array = new byte[random.nextInt(100)];
        random.nextBytes(array);
        String text = random.ints(random.nextInt(30), 0, 0x3000)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return switch (random.nextInt(13)) {
            case 0 -> of(out -> out.writeLong(number), in -> assertEquals(number, in.readLong()));
            case 1 -> of(out -> out.writeInt((int) number), in -> assertEquals((int) number, in.readInt()));
            case 2 -> of(out -> out.writeShort((int) number), in -> assertEquals((short) number, in.readShort()));
            case 3 -> of(out -> out.writeChar((int) number), in -> assertEquals((char) number, in.readChar()));
            case 4 -> of(out -> out.writeByte((int) number), in -> assertEquals((byte) number, in.readByte()));
            case 5 -> of(out -> out.writeBoolean(number > 0), in -> assertEquals(number > 0, in.readBoolean()));
            case 6 -> of(out -> out.writeDouble(number / 3.0), in -> assertEquals(number / 3.0, in.readDouble()));
            case 7 -> of(out -> out.writeFloat(number / 3.0f), in -> assertEquals(number / 3.0f, in.readFloat()));
            case 8 -> of(out -> out.writeUTF(text), in -> assertEquals(text, in.readUTF()));
            case 9 -> of(out -> out.write(array), in -> assertArrayEquals(array, read(in, array.length)));
            case 10 -> of(out -> StringValue.writeString(text, out), in -> assertEquals(text, StringValue.readString(in)));
            case 11 -> of(out -> out.writeChars(text), in -> assertEquals(text, chars(in, text.length())));
            default -> of(
                    out -> out.write(array, array.length / 3, array.length / 3), in -> in.skipBytesToRead(array.length / 3));
        };
    }

    private static byte[] read(DataInput in, int length) throws IOException {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static String chars(DataInput in, int length) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(in.readChar());
        }
        return text.toString();
    }

    private interface Write {
        void to(DataOutputView out) throws IOException;
    }

    private interface Read {
        void from(DataInputView in) throws IOException;
    }

    private static Step of(Write write, Read read) {
        return new Step() {
            @Override
            public void write(DataOutputView out) throws IOException {
                write.to(out);
            }

            @Override
            public void check(DataInputView in) throws IOException {
                read.from(in);
            }
        };
    }

    @Test
    void copiesFromOtherViews() throws IOException {
        byte[] bytes = new byte[10_000];
        new Random(1).nextBytes(bytes);
        output.to(session.value()).write(new DataInputDeserializer(bytes), bytes.length);
        state.put();
        assertArrayEquals(bytes, state.getBytes());
    }

    @Test
    void theEndIsAnEofException() throws IOException {
        DataOutput out = output.to(session.value());
        out.writeInt(1);
        state.put();
        assertThrows(EOFException.class, () -> input.of(state.get()).readLong());
        assertThrows(EOFException.class, () -> input.of(state.get()).readFully(new byte[5]));
        assertThrows(EOFException.class, () -> input.of(state.get()).skipBytesToRead(5));
        DataInputView all = input.of(state.get());
        assertEquals(4, all.read(new byte[10]));
        assertEquals(-1, all.read(new byte[10]));
        assertThrows(EOFException.class, all::readByte);
    }

    @Test
    void aStringThatIsTooLongIsFlinksException() {
        assertThrows(
                UTFDataFormatException.class, () -> output.to(session.value()).writeUTF("ä".repeat(40_000)));
    }
}
