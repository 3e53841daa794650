package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a store tells about itself is told to any thread, and is of the budget that its slot has. */
class FiguresTest extends EngineTest {
    private static final long LIMIT = 16 << 20;

    private Store open(String name, String slot) {
        return Store.open(
                directory.resolve(name),
                engineOptions().memorySlot(slot).memoryLimitBytes(LIMIT).build());
    }

    private static void fill(Session session, int entries) {
        ValueState state = session.valueState("value");
        for (int key = 0; key < entries; key++) {
            session.setKey(key % 128, Integer.toString(key).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            session.value().write(new byte[1000]);
            state.put();
        }
    }

    @Test
    void stores_of_a_slot_tell_one_budget() {
        try (Store one = open("one", "shared " + engine);
                Store other = open("other", "shared " + engine);
                Store elsewhere = open("elsewhere", "not shared " + engine)) {
            long before = other.figures().get("memory-used-bytes");
            long untouched = elsewhere.figures().get("memory-used-bytes");
            try (Session session = one.newSession()) {
                fill(session, 4_000);
                long used = other.figures().get("memory-used-bytes");
                assertTrue(used >= before + 3_000_000, () -> used + " bytes, before " + before);
                assertEquals(LIMIT, other.figures().get("memory-limit-bytes"));
                assertEquals(untouched, elsewhere.figures().get("memory-used-bytes"));
            }
        }
    }

    @Test
    void any_thread_may_ask_while_the_session_writes() throws Exception {
        AtomicReference<Map<String, Long>> last = new AtomicReference<>(Map.of());
        try (Store store = open("store", "")) {
            Thread asking = new Thread(() -> {
                try {
                    while (true) {
                        last.set(store.figures());
                    }
                } catch (KeybedStateException e) {
                    assertEquals(ErrorCode.CLOSED, e.errorCode());
                }
            });
            asking.start();
            try (Session session = store.newSession()) {
                fill(session, 5_000);
            }
            store.close();
            asking.join();
            assertThrows(KeybedStateException.class, store::figures);
        }
        String own = engine == Engine.TABLE ? "record-bytes" : "memtables-bytes";
        assertTrue(last.get().get(own) > 0, () -> last.get().toString());
    }
}
