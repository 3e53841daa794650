package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is forgotten is freed by the Cleaner, and reported with the place where it was created. */
class LeakTest extends EngineTest {
    private final List<LogRecord> reports = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger(LeakReport.LOGGER);
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord report) {
            reports.add(report);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private long[] before;

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        before = NativeLibrary.liveHandles();
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void a_forgotten_session_is_freed_and_reported_while_its_store_lives() throws Exception {
        try (Store store = open(directory)) {
            forgetSession(store);
            awaitLive(before[0] + 1, before[1]);
            assertReported("session", "forgetSession");
            try (Session session = store.newSession()) {
                session.valueState("value");
            }
        }
    }

    @Test
    void a_forgotten_store_is_freed_with_its_sessions_and_its_directory_is_free() throws Exception {
        forgetStore();
        awaitLive(before[0], before[1]);
        assertReported("store", "forgetStore");
        open(directory).close();
    }

    @Test
    void a_session_of_a_thread_that_ended_is_freed() throws Exception {
        try (Store store = open(directory)) {
            Thread thread = new Thread(() -> forgetSession(store));
            thread.start();
            thread.join();
            thread = null;
            awaitLive(before[0] + 1, before[1]);
        }
    }

    @Test
    void a_session_keeps_its_store_alive() throws Exception {
        Session session = open(directory).newSession();
        ValueState state = session.valueState("value");
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
        }
        session.setKey(1, Bytes.of("k"));
        state.put(Bytes.of("v"));
        assertEquals("v", Bytes.text(state.get()));
        assertEquals(before[0] + 1, NativeLibrary.liveHandles()[0]);
        session.close();
        session = null;
        state = null;
        awaitLive(before[0], before[1]);
    }

    /** Growing calls native code, so the session must not be freed under an output that someone still writes to. */
    @Test
    void an_output_keeps_its_session_alive() throws Exception {
        try (Store store = open(directory)) {
            DirectOutput out = store.newSession().value();
            for (int i = 0; i < 5; i++) {
                System.gc();
                Thread.sleep(20);
            }
            out.write(new byte[1_000_000]);
            assertEquals(1_000_000, out.position());
            assertEquals(before[1] + 1, NativeLibrary.liveHandles()[1]);
            out = null;
            awaitLive(before[0] + 1, before[1]);
        }
    }

    @Test
    void what_was_closed_is_not_reported() throws Exception {
        try (Store store = open(directory)) {
            store.newSession().close();
        }
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertTrue(reports.isEmpty(), reports::toString);
    }

    @Test
    void forgotten_snapshots_and_what_belongs_to_them_are_freed_and_reported() throws Exception {
        try (Store store = open(directory.resolve("store"))) {
            forgetSession(store);
            forgetSnapshots(store);
            awaitLive(before[0] + 1, before[1]);
            for (String what : List.of(
                    "the snapshot was", "snapshot stream", "stored snapshot", "cursor", "series", "prepared snapshot")) {
                assertReported(what, "forgetSnapshots");
            }
        }
        open(directory.resolve("store")).close();
    }

    private void forgetSnapshots(Store store) {
        Snapshot snapshot = store.snapshot();
        Path file = directory.resolve("snapshot");
        snapshot.writeTo(file, SnapshotOptions.defaults());
        snapshot.stream(SnapshotOptions.defaults()).next(ByteBuffer.allocate(1 << 20));
        Snapshot.read(file).cursor("map").next();
        store.snapshotSeries(SnapshotOptions.defaults()).prepare(directory.resolve("series"));
    }

    @Test
    void a_stream_keeps_its_snapshot_and_its_store_alive() throws Exception {
        SnapshotStream stream = open(directory).snapshot().stream(SnapshotOptions.defaults());
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertEquals(before[0] + 1, NativeLibrary.liveHandles()[0]);
        stream.snapshot().store().newSession().close();
        stream.close();
        stream = null;
        awaitLive(before[0], before[1]);
    }

    private static void forgetSession(Store store) {
        Session session = store.newSession();
        MapState map = session.mapState("map");
        session.setKey(1, Bytes.of("k"));
        session.setMapKey("m");
        map.put(Bytes.of("v"));
        map.newCursor().seek();
        session.newWriteBatch().delete(map);
    }

    private void forgetStore() {
        forgetSession(open(directory));
    }

    private void awaitLive(long stores, long sessions) throws InterruptedException {
        long[] expected = before.clone();
        expected[0] = stores;
        expected[1] = sessions;
        long[] live = NativeLibrary.liveHandles();
        for (int i = 0; i < 200 && !java.util.Arrays.equals(expected, live); i++) {
            System.gc();
            Thread.sleep(25);
            live = NativeLibrary.liveHandles();
        }
        assertArrayEquals(expected, live);
    }

    private void assertReported(String what, String method) throws InterruptedException {
        // The report follows the freeing.
        for (int i = 0; i < 100 && reports.stream().noneMatch(r -> r.getMessage().contains(what)); i++) {
            Thread.sleep(10);
        }
        LogRecord report = reports.stream()
                .filter(r -> r.getMessage().contains(what))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no report of a " + what));
        assertFalse(report.getThrown() == null, "a report carries the place of creation");
        assertTrue(
                java.util.Arrays.stream(report.getThrown().getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals(method)),
                "the place of creation is in the stack");
    }
}
