package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DirectOutputTest extends StoreTest {
    private static final List<String> STRINGS = List.of(
            "",
            "ascii",
            "\0\1\u007f\u0080\u07ff\u0800\uffff",
            "\ud83d\ude00 smile",
            "lone \ud800",
            "\udc00\ud800",
            "\u00e4\u6771\u4eac");

    private ValueState state;

    @BeforeEach
    void openState() {
        state = session.valueState("value");
        key("k");
    }

    private interface Writing {
        void to(DataOutput out) throws IOException;
    }

    /** What is written here is what Java's own DataOutputStream writes. */
    private void assertSameBytes(Writing writing) throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        writing.to(new DataOutputStream(expected));
        DirectOutput out = session.value();
        writing.to(out);
        assertEquals(expected.size(), out.position());
        state.put();
        assertArrayEquals(expected.toByteArray(), state.getBytes());
    }

    @Test
    void everything_is_written_as_DataOutput_says() throws IOException {
        assertSameBytes(out -> {
            out.write(0x1FF);
            out.write(Bytes.of("bytes"));
            out.write(Bytes.of("bytes"), 1, 3);
            out.writeBoolean(true);
            out.writeBoolean(false);
            out.writeByte(-2);
            out.writeShort(0x12345);
            out.writeChar('\u6771');
            out.writeInt(0x01020304);
            out.writeLong(0x0102030405060708L);
            out.writeFloat(-1.5f);
            out.writeFloat(Float.NaN);
            out.writeDouble(Math.PI);
            out.writeBytes("low\u1234bytes");
            out.writeChars("chars\u1234");
        });
        for (String string : STRINGS) {
            assertSameBytes(out -> out.writeUTF(string));
        }
        assertSameBytes(out -> out.writeUTF("x".repeat(65_535)));
    }

    @Test
    void utf8_is_that_of_the_string() {
        for (String string : STRINGS) {
            session.value().writeUtf8(string);
            state.put();
            assertArrayEquals(string.getBytes(StandardCharsets.UTF_8), state.getBytes());
        }
    }

    @Test
    void a_string_too_long_for_writeUTF_is_refused_and_drops_the_value() {
        DirectOutput out = session.value();
        Expect.code(ErrorCode.INVALID_ARGUMENT, () -> out.writeUTF("x".repeat(65_536)));
        Expect.code(ErrorCode.CURSOR_INVALID, state::put);
    }

    @Test
    void ordered_numbers_compare_as_their_bytes_do() {
        int[] ints = {Integer.MIN_VALUE, -300, -1, 0, 1, 255, 256, Integer.MAX_VALUE};
        byte[] before = {};
        for (int number : ints) {
            session.value().writeOrderedInt(number);
            state.put();
            byte[] bytes = state.getBytes();
            assertEquals(number, state.get().readOrderedInt());
            assertEquals(true, java.util.Arrays.compareUnsigned(before, bytes) < 0);
            before = bytes;
        }
    }

    @Test
    void an_output_is_sealed_by_the_operation_that_uses_it() {
        DirectOutput value = session.value();
        value.writeInt(1);
        state.put();
        Expect.code(ErrorCode.CURSOR_INVALID, () -> value.writeInt(2));
        assertEquals(4, state.get().remaining());

        DirectOutput key = session.key(1);
        key.writeInt(5);
        state.put(Bytes.of("five"));
        Expect.code(ErrorCode.CURSOR_INVALID, () -> key.writeByte(0));
        Expect.code(ErrorCode.CURSOR_INVALID, () -> key.write(new byte[0]));
        assertEquals("five", Bytes.text(state.get()));
    }

    @Test
    void an_output_is_sealed_by_the_part_that_follows() {
        MapState map = session.mapState("map", PartSize.variable());
        DirectOutput key = session.key(1);
        key.writeInt(5);
        DirectOutput namespace = session.namespace();
        Expect.code(ErrorCode.CURSOR_INVALID, () -> key.writeByte(0));
        namespace.writeInt(6);
        DirectOutput mapKey = session.mapKey();
        Expect.code(ErrorCode.CURSOR_INVALID, () -> namespace.writeByte(0));
        mapKey.writeInt(7);
        map.put(Bytes.of("v"));
        Expect.code(ErrorCode.CURSOR_INVALID, () -> mapKey.writeByte(0));

        session.setKey(1, Bytes.of(0, 0, 0, 5));
        session.setNamespace(Bytes.of(0, 0, 0, 6));
        session.setMapKey(Bytes.of(0, 0, 0, 7));
        assertEquals("v", Bytes.text(map.get()));
    }

    @Test
    void setting_a_part_at_once_leaves_no_output_open() {
        DirectOutput key = session.key(1);
        session.setKey(1, Bytes.of("k"));
        Expect.code(ErrorCode.CURSOR_INVALID, () -> key.writeByte(0));
    }

    @Test
    void every_operation_seals() {
        MapState map = session.mapState("map");
        for (Runnable operation : List.<Runnable>of(
                map::get, map::contains, map::delete, map::clear, map::isEmpty, map::scan, map::getBytes)) {
            key("k");
            DirectOutput mapKey = session.mapKey();
            operation.run();
            Expect.code(ErrorCode.CURSOR_INVALID, () -> mapKey.writeByte(0));
        }
    }

    @Test
    void a_range_outside_of_the_array_is_refused() {
        DirectOutput out = session.value();
        assertThrows(IndexOutOfBoundsException.class, () -> out.write(new byte[4], 2, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> out.write(new byte[4], -1, 1));
        assertEquals(0, out.position());
    }
}
