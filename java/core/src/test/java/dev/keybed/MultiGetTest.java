package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MultiGetTest extends StoreTest {
    private ValueState state;

    @BeforeEach
    void openState() {
        state = session.valueState("value");
        for (String key : new String[] {"a", "b", "d"}) {
            key(key);
            state.put(Bytes.of("value of " + key));
        }
    }

    private MultiGet request(String... keys) {
        MultiGet get = state.newMultiGet();
        for (String key : keys) {
            key(key);
            get.add();
        }
        return get;
    }

    @Test
    void answers_come_in_the_order_of_the_keys() {
        try (MultiGet get = request("d", "c", "a", "a", "b")) {
            assertEquals(5, get.size());
            get.execute();
            assertEquals("value of d", Bytes.text(get.value(0)));
            assertFalse(get.found(1));
            assertNull(get.value(1));
            assertEquals("value of a", Bytes.text(get.value(2)));
            assertEquals("value of a", Bytes.text(get.value(3)));
            assertTrue(get.found(4));
            assertEquals("value of b", Bytes.text(get.value(4)));
        }
    }

    @Test
    void an_empty_value_is_found() {
        key("empty");
        state.put(new byte[0]);
        try (MultiGet get = request("empty", "absent")) {
            get.execute();
            assertTrue(get.found(0));
            assertEquals(0, get.value(0).remaining());
            assertFalse(get.found(1));
        }
    }

    @Test
    void no_keys_have_no_answers() {
        try (MultiGet get = state.newMultiGet()) {
            get.execute();
            assertEquals(0, get.size());
            assertThrows(IndexOutOfBoundsException.class, () -> get.value(0));
        }
    }

    @Test
    void a_number_that_was_not_answered_is_out_of_bounds() {
        try (MultiGet get = request("a", "b")) {
            assertThrows(IndexOutOfBoundsException.class, () -> get.found(0));
            get.execute();
            assertThrows(IndexOutOfBoundsException.class, () -> get.value(2));
            assertThrows(IndexOutOfBoundsException.class, () -> get.value(-1));
            get.add();
            assertThrows(IndexOutOfBoundsException.class, () -> get.value(2));
            assertEquals("value of b", Bytes.text(get.value(1)));
            get.execute();
            assertEquals("value of b", Bytes.text(get.value(2)));
            get.clear();
            assertThrows(IndexOutOfBoundsException.class, () -> get.value(0));
        }
    }

    @Test
    void executing_again_reads_again() {
        try (MultiGet get = request("a")) {
            get.execute();
            DirectInput kept = get.value(0);
            key("a");
            state.put(Bytes.of("new"));
            assertEquals("value of a", Bytes.text(get.value(0)));
            get.execute();
            Expect.code(ErrorCode.CURSOR_INVALID, kept::readByte);
            assertEquals("new", Bytes.text(get.value(0)));
        }
    }

    @Test
    void a_key_that_is_wrong_fails_the_call_and_leaves_no_answers() {
        try (MultiGet get = request("a")) {
            get.execute();
            session.setKey(9999, Bytes.of("k"));
            get.add();
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, get::execute);
            assertThrows(IndexOutOfBoundsException.class, () -> get.value(0));
            get.clear();
            key("a");
            get.add();
            get.execute();
            assertEquals("value of a", Bytes.text(get.value(0)));
        }
    }

    @Test
    void the_current_key_stays_current() {
        try (MultiGet get = request("a", "b", "c")) {
            key("d");
            assertEquals("value of d", Bytes.text(state.get()));
            get.execute();
            assertEquals("value of d", Bytes.text(state.get()));
        }
    }

    @Test
    void map_entries_are_read_by_key_namespace_and_map_key() {
        MapState map = session.mapState("map", PartSize.variable());
        try (MultiGet get = map.newMultiGet()) {
            for (int i = 0; i < 10; i++) {
                session.setKey(i, "key".getBytes());
                session.setNamespace(Bytes.of("n" + i % 2));
                session.setMapKey("m" + i);
                map.put(Bytes.of("v" + i));
                get.add();
                session.setMapKey("absent");
                get.add();
            }
            session.setNamespace(Bytes.of("n"));
            Expect.code(ErrorCode.NO_KEY, get::add);
            get.execute();
            for (int i = 0; i < 10; i++) {
                assertEquals("v" + i, Bytes.text(get.value(2 * i)));
                assertFalse(get.found(2 * i + 1));
            }
        }
    }

    @Test
    void a_closed_multi_get_says_so() {
        MultiGet get = request("a");
        get.execute();
        get.close();
        get.close();
        Expect.code(ErrorCode.CLOSED, get::add);
        Expect.code(ErrorCode.CLOSED, get::execute);
        Expect.code(ErrorCode.CLOSED, get::clear);
        Expect.code(ErrorCode.CLOSED, () -> get.value(0));
    }
}
