package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only the engine TABLE promises. */
class TableStoreTest {
    private static final long LIMIT = 16 << 20;
    private static final byte[] VALUE = new byte[1 << 20];

    @TempDir
    Path directory;

    private Store open(String name, StoreOptionsBuilder options) {
        return Store.open(directory.resolve(name), options.build());
    }

    private static StoreOptionsBuilder limited() {
        return StoreOptions.builder().engine(Engine.TABLE).memoryLimitBytes(LIMIT);
    }

    /** Puts values under new keys until one is refused; returns how many were not. */
    private static int fill(Session session, ValueState state) {
        for (int i = 0; i <= LIMIT / VALUE.length; i++) {
            session.setKey(1, (long) i);
            try {
                state.put(VALUE);
            } catch (KeybedException e) {
                assertEquals(ErrorCode.MEMORY_BUDGET, e.errorCode());
                return i;
            }
        }
        throw new AssertionError("more than the limit went in");
    }

    @Test
    void a_store_that_is_not_told_otherwise_is_a_table() {
        open("store", StoreOptions.builder()).close();
        open("store", StoreOptions.builder().engine(Engine.TABLE)).close();
    }

    @Test
    void a_write_beyond_the_limit_is_refused_and_changes_nothing() {
        try (Store store = open("store", limited());
                Session session = store.newSession()) {
            ValueState state = session.valueState("value");
            int fitted = fill(session, state);
            assertTrue(fitted > 0);
            assertNull(state.get());
            for (int i = 0; i < fitted; i++) {
                session.setKey(1, (long) i);
                assertEquals(VALUE.length, state.get().remaining());
            }
        }
    }

    @Test
    void what_is_deleted_makes_room() {
        try (Store store = open("store", limited());
                Session session = store.newSession()) {
            ValueState state = session.valueState("value");
            for (int round = 0; round < 3; round++) {
                assertTrue(fill(session, state) > 0);
                state.clear(Scope.KEY_GROUP);
            }
        }
    }

    @Test
    void stores_that_name_the_same_slot_share_its_budget() {
        try (Store first = open("first", limited().memorySlot("shared"));
                Store second = open("second", limited().memorySlot("shared"));
                Store apart = open("apart", limited().memorySlot("another"));
                Session one = first.newSession();
                Session two = second.newSession();
                Session three = apart.newSession()) {
            ValueState state = two.valueState("value");
            ValueState elsewhere = three.valueState("value");
            int all = fill(one, one.valueState("value"));
            two.setKey(1, 1L);
            Expect.code(ErrorCode.MEMORY_BUDGET, () -> {
                state.put(VALUE);
                state.put(VALUE);
            });
            assertTrue(fill(three, elsewhere) >= all);
        }
    }

    @Test
    void what_was_not_flushed_is_discarded_if_closing_shall_not_flush() {
        StoreOptionsBuilder options = StoreOptions.builder().engine(Engine.TABLE).tableFlushOnClose(false);
        try (Store store = open("store", options);
                Session session = store.newSession()) {
            ValueState state = session.valueState("value");
            session.setKey(1, 1L);
            state.addLong(1);
            store.flush();
            state.addLong(1);
        }
        try (Store store = open("store", options);
                Session session = store.newSession()) {
            session.setKey(1, 1L);
            assertEquals(1, session.valueState("value").get().readLong());
        }
    }
}
