package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AddLongTest extends StoreTest {
    private ValueState state;
    private MapState map;

    @BeforeEach
    void openStates() {
        state = session.valueState("value");
        map = session.mapState("map");
        key("k");
    }

    @Test
    void an_absent_value_counts_as_zero() {
        assertEquals(5, state.addLong(5));
        assertEquals(3, state.addLong(-2));
        key("k2");
        assertEquals(0, state.addLong(0));
        assertEquals(0, state.get().readLong());
    }

    @Test
    void numbers_are_those_that_outputs_write_and_inputs_read() {
        for (long number : new long[] {0, 1, -1, 0x0102_0304_0506_0708L, Long.MAX_VALUE, Long.MIN_VALUE}) {
            session.value().writeLong(number);
            state.put();
            assertEquals(number + 7, state.addLong(7));
            assertEquals(number + 7, state.get().readLong());
        }
    }

    @Test
    void a_sum_wraps_around() {
        state.addLong(Long.MAX_VALUE);
        assertEquals(Long.MIN_VALUE, state.addLong(1));
        assertEquals(Long.MAX_VALUE, state.addLong(-1));
    }

    @Test
    void entries_of_maps_are_apart() {
        session.setMapKey("a");
        assertEquals(1, map.addLong(1));
        session.setMapKey("b");
        assertEquals(10, map.addLong(10));
        session.setMapKey("a");
        assertEquals(3, map.addLong(2));
        key("k2");
        session.setMapKey("a");
        assertEquals(7, map.addLong(7));
        key("k");
        assertEquals(3 + 10, sumOfMap());
    }

    private long sumOfMap() {
        long sum = 0;
        for (EntryCursor cursor = map.scan(); cursor.next(); ) {
            sum += cursor.value().readLong();
        }
        return sum;
    }

    @Test
    void a_value_that_is_no_number_is_refused_and_stays() {
        for (String value : new String[] {"", "seven b", "nine byte", "a longer value"}) {
            state.put(Bytes.of(value));
            Expect.code(ErrorCode.INVALID_ARGUMENT, () -> state.addLong(1));
            assertEquals(value, Bytes.text(state.get()));
        }
        state.delete();
        assertEquals(1, state.addLong(1));
    }

    @Test
    void an_entry_needs_a_map_key() {
        Expect.code(ErrorCode.NO_KEY, () -> map.addLong(1));
        session.setMapKey("a");
        assertEquals(1, map.addLong(1));
    }

    @Test
    void views_and_values_end_with_an_addition() {
        state.addLong(1);
        DirectInput view = state.get();
        state.addLong(1);
        Expect.code(ErrorCode.CURSOR_INVALID, view::readLong);
        session.value().writeLong(100);
        state.addLong(1);
        Expect.code(ErrorCode.CURSOR_INVALID, state::put);
        assertSame(view, state.get());
        assertEquals(3, view.readLong());
    }

    @Test
    void what_was_added_is_there_when_the_store_is_opened_again() {
        state.addLong(41);
        closeStore();
        openStore();
        openStates();
        assertEquals(42, state.addLong(1));
    }

    @Test
    void sessions_of_one_store_add_to_the_same_number() {
        try (Session other = store.newSession()) {
            ValueState theirs = other.valueState("value");
            other.setKey(1, Bytes.of("k"));
            for (int i = 1; i < 100; i += 2) {
                assertEquals(i, state.addLong(1));
                assertEquals(i + 1, theirs.addLong(1));
            }
            other.setKey(2, Bytes.of("k"));
            assertNull(theirs.get());
        }
    }
}
