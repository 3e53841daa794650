package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ExpiryTest extends StoreTest {
    private static final long TTL = 100;

    private static Expiry expiry(ValueForm form) {
        return new Expiry(form, TTL, 10, 3600);
    }

    private void put(State state, long key, long time) {
        session.setKey((int) key % 128, key);
        session.value().writeLong(time);
        state.put();
    }

    private byte[] get(State state, long key) {
        session.setKey((int) key % 128, key);
        return state.getBytes();
    }

    @Test
    void what_is_over_is_dropped_by_compactions_of_RocksDB_and_by_nothing_else() {
        ValueState state = session.valueState("v");
        boolean dropped = store.setExpiry("v", expiry(ValueForm.value()));
        assertEquals(engine == Engine.ROCKS, dropped);
        put(state, 1, 1000);
        put(state, 2, 2000);
        store.setTime(1050);
        store.compact("v");
        assertNotNull(get(state, 1));
        store.setTime(1100);
        assertNotNull(get(state, 1));
        store.compact("v");
        assertEquals(dropped, get(state, 1) == null);
        assertNotNull(get(state, 2));
        store.setExpiry("v", null);
        store.useMachineTime();
        store.compact("v");
        assertNotNull(get(state, 2));
        store.setExpiry("v", expiry(ValueForm.value()));
        store.compact("v");
        assertEquals(dropped, get(state, 2) == null);
    }

    @Test
    void a_list_loses_its_first_elements() {
        ListState list = session.listState("l");
        store.setExpiry("l", expiry(ValueForm.listOfFixed(1)));
        session.setKey(1, 1L);
        for (long time : new long[] {0, 50, 500}) {
            DirectOutput element = session.value();
            element.writeLong(time);
            element.writeByte('x');
            list.add();
        }
        store.setTime(150);
        store.compact("l");
        assertEquals(engine == Engine.ROCKS ? 9 : 29, list.getBytes().length);
        store.setTime(600);
        store.compact("l");
        if (engine == Engine.ROCKS) {
            assertNull(list.getBytes());
        }
    }

    @Test
    void a_state_that_is_not_there_and_numbers_below_zero_are_refused() {
        assertEquals(
                ErrorCode.STATE_NOT_FOUND,
                assertThrows(KeybedStateException.class, () -> store.setExpiry("none", expiry(ValueForm.mapEntry())))
                        .errorCode());
        assertEquals(
                ErrorCode.STATE_NOT_FOUND,
                assertThrows(KeybedStateException.class, () -> store.compact("none")).errorCode());
        assertThrows(KeybedArgumentException.class, () -> new Expiry(ValueForm.value(), TTL, -1, 0));
        assertThrows(KeybedArgumentException.class, () -> new Expiry(ValueForm.value(), TTL, 0, -1));
        assertThrows(KeybedArgumentException.class, () -> ValueForm.listOfFixed(-1));
    }
}
