package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ValueStateTest extends StoreTest {
    private ValueState state;

    @BeforeEach
    void openState() {
        state = session.valueState("value");
    }

    @Test
    void what_was_put_is_read_again_by_every_way_of_reading() {
        session.setKey(3, 42L);
        session.value().writeLong(-7);
        state.put();

        assertEquals(-7, state.get().readLong());
        assertArrayEquals(ByteBuffer.allocate(8).putLong(0, -7).array(), state.getBytes());
        ByteBuffer target = ByteBuffer.allocateDirect(8);
        assertEquals(8, state.get(target));
        assertEquals(-7, target.getLong());
        assertTrue(state.contains());
    }

    @Test
    void what_was_put_by_every_way_of_writing_is_read_again() {
        byte[] bytes = Bytes.of("some value");
        key("k");
        state.put(bytes);
        assertArrayEquals(bytes, state.getBytes());
        state.delete();
        state.put(Bytes.direct(bytes));
        assertArrayEquals(bytes, state.getBytes());
        state.delete();
        session.value().write(bytes);
        state.put();
        assertArrayEquals(bytes, state.getBytes());
    }

    @Test
    void an_absent_value_is_null_and_minus_one() {
        key("nobody");
        assertNull(state.get());
        assertNull(state.getBytes());
        assertEquals(-1, state.get(ByteBuffer.allocate(4)));
        assertFalse(state.contains());
    }

    @Test
    void an_empty_value_is_not_absent() {
        key("k");
        state.put(new byte[0]);
        assertTrue(state.contains());
        assertEquals(0, state.get().remaining());
        assertEquals(0, state.getBytes().length);
        assertEquals(0, state.get(ByteBuffer.allocate(0)));
    }

    @Test
    void a_put_replaces_and_a_delete_removes() {
        key("k");
        state.put(Bytes.of("one"));
        state.put(Bytes.of("2"));
        assertEquals("2", Bytes.text(state.get()));
        state.delete();
        assertNull(state.get());
        state.delete();
    }

    @Test
    void keys_groups_and_namespaces_are_apart() {
        ValueState windows = session.valueState("windows", PartSize.variable());
        for (int group = 0; group < 3; group++) {
            for (String key : new String[] {"a", "ab"}) {
                for (String namespace : new String[] {"", "b", "bc"}) {
                    session.setKey(group, Bytes.of(key));
                    session.setNamespace(Bytes.of(namespace));
                    assertNull(windows.get());
                    windows.put(Bytes.of(group + key + "/" + namespace));
                }
            }
        }
        session.setKey(2, Bytes.of("a"));
        session.setNamespace(Bytes.of("bc"));
        assertEquals("2a/bc", Bytes.text(windows.get()));
        session.setKey(2, Bytes.of("ab"));
        session.namespace();
        assertEquals("2ab/", Bytes.text(windows.get()));
    }

    @Test
    void several_states_share_one_current_key() {
        ValueState other = session.valueState("other");
        ListState list = session.listState("list");
        key("k");
        session.value().writeInt(1);
        state.put();
        other.put();
        list.add();
        assertEquals(1, state.get().readInt());
        assertEquals(1, other.get().readInt());
        assertEquals(1, list.get().readInt());
    }

    @Test
    void the_key_may_change_between_any_two_operations() {
        for (int i = 0; i < 1000; i++) {
            session.setKey(i % 128, (long) i);
            state.put(Bytes.of("v" + i));
        }
        for (int i = 999; i >= 0; i -= 7) {
            session.setKey(i % 128, (long) i);
            assertTrue(state.contains());
            assertEquals("v" + i, Bytes.text(state.get()));
        }
    }

    @Test
    void a_failed_operation_does_not_disturb_the_current_key() {
        ValueState fixed = session.valueState("fixed", PartSize.fixed(4));
        key("k");
        state.put(Bytes.of("v"));
        Expect.code(ErrorCode.KEY_PART_LENGTH, fixed::get);
        assertEquals("v", Bytes.text(state.get()));
        assertEquals("v", Bytes.text(state.get()));
    }

    @Test
    void each_state_has_one_view_and_reuses_it() {
        key("k");
        state.put(Bytes.of("v"));
        DirectInput first = state.get();
        assertNotNull(first);
        assertSame(first, state.get());
    }
}
