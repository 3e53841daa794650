package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is outside the limits is refused, changes nothing, and leaves the session usable. */
class KeyLimitsTest extends StoreTest {
    private static final int MAX_KEY = 100;
    private static final int MAX_VALUE = 1_000;

    private ValueState state;

    @Override
    StoreOptionsBuilder options() {
        return super.options().maxKeyBytes(MAX_KEY).maxValueBytes(MAX_VALUE).maxParallelism(16);
    }

    @BeforeEach
    void openState() {
        state = session.valueState("value");
    }

    @Test
    void an_operation_without_a_key_is_refused() {
        Expect.code(ErrorCode.NO_KEY, state::get);
        Expect.code(ErrorCode.NO_KEY, () -> state.put(Bytes.of("v")));
        Expect.code(ErrorCode.NO_KEY, state::delete);
        Expect.code(ErrorCode.NO_KEY, () -> state.addLong(1));
        Expect.code(ErrorCode.NO_KEY, session::namespace);
        Expect.code(ErrorCode.NO_KEY, session::mapKey);
    }

    @Test
    void an_empty_key_is_refused() {
        session.key(1);
        Expect.code(ErrorCode.EMPTY_KEY, state::get);
        session.setKey(1, new byte[0]);
        Expect.code(ErrorCode.EMPTY_KEY, () -> state.put(Bytes.of("v")));
        key("k");
        assertNull(state.get());
    }

    @Test
    void a_key_up_to_the_limit_is_accepted_and_one_beyond_is_refused() {
        // One byte of key group and two of end mark.
        session.setKey(1, new byte[0]);
        session.key(1).write(bytesWithoutZero(MAX_KEY - 3));
        state.put(Bytes.of("v"));
        assertEquals("v", Bytes.text(state.get()));
        session.setKey(1, bytesWithoutZero(MAX_KEY - 2));
        Expect.code(ErrorCode.KEY_TOO_LARGE, state::get);
        Expect.code(ErrorCode.KEY_TOO_LARGE, () -> session.setKey(1, bytesWithoutZero(MAX_KEY + 1)));
    }

    @Test
    void a_key_that_was_too_large_cannot_be_used_half_written() {
        DirectOutput out = session.key(1);
        out.write(bytesWithoutZero(90));
        Expect.code(ErrorCode.KEY_TOO_LARGE, () -> out.write(bytesWithoutZero(20)));
        Expect.code(ErrorCode.NO_KEY, state::get);

        key("k");
        Expect.code(ErrorCode.KEY_TOO_LARGE, () -> session.setNamespace(new byte[MAX_KEY]));
        Expect.code(ErrorCode.NO_KEY, state::get);

        key("k");
        assertNull(state.get());
    }

    @Test
    void a_value_up_to_the_limit_is_accepted_and_one_beyond_is_refused() {
        key("k");
        state.put(new byte[MAX_VALUE]);
        assertEquals(MAX_VALUE, state.getBytes().length);
        Expect.code(ErrorCode.VALUE_TOO_LARGE, () -> state.put(new byte[MAX_VALUE + 1]));
        Expect.code(ErrorCode.VALUE_TOO_LARGE, () -> state.put(ByteBuffer.allocateDirect(MAX_VALUE + 1)));
        Expect.code(ErrorCode.VALUE_TOO_LARGE, () -> session.value().write(new byte[MAX_VALUE + 1]));
        assertEquals(MAX_VALUE, state.getBytes().length);
    }

    @Test
    void a_number_that_the_largest_value_has_no_room_for_is_refused() {
        try (Store small = Store.open(directory.resolve("small"), engineOptions().maxValueBytes(7).build());
                Session session = small.newSession()) {
            ValueState value = session.valueState("value");
            session.setKey(1, 1L);
            Expect.code(ErrorCode.VALUE_TOO_LARGE, () -> value.addLong(1));
            assertNull(value.get());
        }
    }

    @Test
    void a_value_that_was_too_large_cannot_be_used_half_written() {
        key("k");
        state.put(Bytes.of("before"));
        DirectOutput out = session.value();
        out.write(new byte[MAX_VALUE]);
        Expect.code(ErrorCode.VALUE_TOO_LARGE, () -> out.writeByte(1));
        Expect.code(ErrorCode.CURSOR_INVALID, state::put);
        assertEquals("before", Bytes.text(state.get()));
    }

    @Test
    void a_key_group_out_of_range_is_refused() {
        Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> session.key(-1));
        Expect.code(ErrorCode.NO_KEY, state::get);
        for (int group : new int[] {16, 127, 32768, Integer.MAX_VALUE}) {
            session.setKey(group, Bytes.of("k"));
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, state::get);
        }
        session.setKey(15, Bytes.of("k"));
        assertNull(state.get());
    }

    @Test
    void a_namespace_of_the_wrong_length_is_refused() {
        ValueState fixed = session.valueState("fixed", PartSize.fixed(4));
        key("k");
        for (int length : new int[] {0, 3, 5}) {
            session.setNamespace(new byte[length]);
            Expect.code(ErrorCode.KEY_PART_LENGTH, fixed::get);
        }
        session.setNamespace(new byte[4]);
        assertNull(fixed.get());
        Expect.code(ErrorCode.KEY_PART_LENGTH, state::get);
    }

    @Test
    void a_key_of_the_wrong_length_is_refused() {
        StoreOptions options = engineOptions().keySize(PartSize.fixed(8)).build();
        try (Store fixed = Store.open(directory.resolve("fixed"), options);
                Session session = fixed.newSession()) {
            ValueState value = session.valueState("value");
            for (int length : new int[] {1, 7, 9}) {
                session.setKey(1, new byte[length]);
                Expect.code(ErrorCode.KEY_PART_LENGTH, value::get);
            }
            session.setKey(1, 8L);
            value.put(Bytes.of("v"));
            assertArrayEquals(Bytes.of("v"), value.getBytes());
        }
    }

    @Test
    void a_put_without_a_value_is_refused() {
        key("k");
        Expect.code(ErrorCode.CURSOR_INVALID, state::put);
        session.value().writeInt(1);
        assertNull(state.get());
        Expect.code(ErrorCode.CURSOR_INVALID, state::put);
        session.value();
        state.put();
        assertTrue(state.contains());
    }

    private static byte[] bytesWithoutZero(int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }
}
