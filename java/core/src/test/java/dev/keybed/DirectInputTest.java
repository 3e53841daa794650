package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DirectInputTest extends StoreTest {
    private ValueState state;

    @BeforeEach
    void openState() {
        state = session.valueState("value");
        key("k");
    }

    private DirectInput read(Consumer<DirectOutput> writing) {
        writing.accept(session.value());
        state.put();
        return state.get();
    }

    @Test
    void everything_that_was_written_is_read_again() {
        DirectInput in = read(out -> {
            out.writeBoolean(true);
            out.writeByte(-2);
            out.writeByte(-2);
            out.writeShort(-3);
            out.writeShort(-3);
            out.writeChar('\u6771');
            out.writeInt(-4);
            out.writeLong(-5);
            out.writeFloat(1.5f);
            out.writeDouble(-Math.PI);
            out.writeOrderedInt(-6);
            out.writeOrderedLong(-7);
            out.writeUTF("\0 \ud83d\ude00 \ud800");
            out.writeUtf8("rest \u6771");
        });
        assertEquals(true, in.readBoolean());
        assertEquals(-2, in.readByte());
        assertEquals(254, in.readUnsignedByte());
        assertEquals(-3, in.readShort());
        assertEquals(65533, in.readUnsignedShort());
        assertEquals('\u6771', in.readChar());
        assertEquals(-4, in.readInt());
        assertEquals(-5, in.readLong());
        assertEquals(1.5f, in.readFloat());
        assertEquals(-Math.PI, in.readDouble());
        assertEquals(-6, in.readOrderedInt());
        assertEquals(-7, in.readOrderedLong());
        assertEquals("\0 \ud83d\ude00 \ud800", in.readUTF());
        assertEquals("rest \u6771", in.readUtf8());
        assertEquals(0, in.remaining());
    }

    @Test
    void reading_past_the_end_throws_and_reads_nothing() {
        DirectInput in = read(out -> out.write(new byte[3]));
        for (Runnable reading : List.<Runnable>of(
                in::readInt, in::readLong, in::readDouble, () -> in.skip(4), () -> in.readFully(new byte[4]))) {
            assertThrows(BufferUnderflowException.class, reading::run);
            assertEquals(3, in.remaining());
        }
        in.skip(3);
        assertThrows(BufferUnderflowException.class, in::readByte);
        in.readFully(new byte[0]);
    }

    @Test
    void skipping_moves_on_and_never_back() {
        DirectInput in = read(out -> out.write(Bytes.of("0123456789")));
        in.skip(2);
        assertEquals('2', in.readByte());
        assertEquals(0, in.skipBytes(-5));
        assertEquals(3, in.skipBytes(3));
        assertEquals('6', in.readByte());
        assertEquals(3, in.skipBytes(100));
        assertEquals(0, in.remaining());
        Expect.code(ErrorCode.INVALID_ARGUMENT, () -> in.skip(-1));
    }

    @Test
    void arrays_are_filled_in_part_or_whole() {
        DirectInput in = read(out -> out.write(Bytes.of("0123456789")));
        byte[] target = new byte[5];
        in.readFully(target, 1, 3);
        assertArrayEquals(Bytes.of(0, '0', '1', '2', 0), target);
        assertThrows(IndexOutOfBoundsException.class, () -> in.readFully(target, 3, 3));
        assertEquals("3456789", Bytes.text(in.readRemaining()));
        assertEquals(0, in.readRemaining().length);
    }

    @Test
    void lines_end_as_DataInput_says() {
        DirectInput in = read(out -> out.writeBytes("a\nb\r\nc\r\rd"));
        for (String line : new String[] {"a", "b", "c", "", "d"}) {
            assertEquals(line, in.readLine());
        }
        assertNull(in.readLine());
    }

    @Test
    void bytes_that_are_not_modified_utf8_are_refused() {
        DirectInput in = read(out -> {
            out.writeShort(2);
            out.writeShort(0xFFFF);
        });
        Expect.code(ErrorCode.INVALID_ARGUMENT, in::readUTF);
    }

    @Test
    void a_view_shows_nothing_once_its_value_has_been_replaced() {
        ValueState other = session.valueState("other");
        other.put(Bytes.of("other value"));
        state.put(Bytes.of("value"));
        List<Runnable> replacements = List.of(
                other::get,
                other::getBytes,
                () -> other.get(java.nio.ByteBuffer.allocate(100)),
                session::value,
                () -> other.put(Bytes.of("other value")),
                () -> other.put(java.nio.ByteBuffer.wrap(Bytes.of("other value"))));
        for (Runnable replacement : replacements) {
            DirectInput kept = state.get();
            assertEquals('v', kept.readByte());
            replacement.run();
            Expect.code(ErrorCode.CURSOR_INVALID, kept::readByte);
            Expect.code(ErrorCode.CURSOR_INVALID, kept::remaining);
            Expect.code(ErrorCode.CURSOR_INVALID, () -> kept.skipBytes(1));
            Expect.code(ErrorCode.CURSOR_INVALID, () -> kept.readFully(new byte[0]));
            Expect.code(ErrorCode.CURSOR_INVALID, kept::readLine);
        }
    }

    @Test
    void a_view_outlives_what_does_not_touch_its_value() {
        ValueState other = session.valueState("other");
        state.put(Bytes.of("value"));
        DirectInput kept = state.get();
        key("elsewhere");
        other.contains();
        other.delete();
        assertEquals("value", Bytes.text(kept));
    }

    @Test
    void a_view_shows_nothing_once_its_session_is_closed() {
        state.put(Bytes.of("value"));
        DirectInput kept = state.get();
        session.close();
        Expect.code(ErrorCode.CURSOR_INVALID, kept::readByte);
    }
}
