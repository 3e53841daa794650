package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Everything can be closed in any order, and twice; what is used afterwards throws CLOSED. */
class CloseOrderTest extends EngineTest {
    @Test
    void everything_can_be_closed_in_any_order_and_twice() {
        for (int seed = 0; seed < 60; seed++) {
            Store store = open(directory.resolve("store"));
            List<AutoCloseable> all = new ArrayList<>(List.of(store));
            for (int i = 0; i < 2; i++) {
                Session session = store.newSession();
                MapState map = session.mapState("map");
                session.setKey(1, Bytes.of("k"));
                session.setMapKey((long) seed);
                map.put(new byte[100_000]);
                EntryCursor running = map.newCursor().seek();
                running.next();
                MultiGet get = map.newMultiGet();
                get.add();
                get.execute();
                WriteBatch batch = session.newWriteBatch();
                batch.delete(map);
                all.addAll(List.of(session, running, map.scan(), get, batch));
            }
            Snapshot snapshot = store.snapshot();
            SnapshotStream stream = snapshot.stream(SnapshotOptions.defaults());
            stream.next(ByteBuffer.allocate(1 << 20));
            Path file = directory.resolve("snapshot-" + seed);
            snapshot.writeTo(file, SnapshotOptions.defaults());
            StoredSnapshot stored = Snapshot.read(file);
            StoredCursor cursor = stored.cursor("map");
            cursor.next();
            SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults());
            PreparedSnapshot prepared = series.prepare(directory.resolve("series-" + seed));
            PreparedSnapshot finished = series.prepare(directory.resolve("finished-" + seed));
            finished.finish();
            all.addAll(List.of(snapshot, stream, stored, cursor, series, prepared, finished));
            all.addAll(List.copyOf(all));
            Collections.shuffle(all, new Random(seed));
            for (AutoCloseable each : all) {
                assertDoesNotThrow(each);
            }
            assertTrue(store.isClosed());
            // The directory is free.
            open(directory.resolve("store")).close();
        }
    }

    private static void assertDoesNotThrow(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError("closing " + closeable + " threw", e);
        }
    }

    @Test
    void closing_a_store_closes_the_sessions_of_the_calling_thread() {
        Store store = open(directory);
        Session session = store.newSession();
        ValueState state = session.valueState("value");
        store.close();
        assertTrue(session.isClosed());
        Expect.code(ErrorCode.CLOSED, () -> session.key(1));
        Expect.code(ErrorCode.CLOSED, state::get);
        Expect.code(ErrorCode.CLOSED, store::newSession);
        Expect.code(ErrorCode.CLOSED, store::flush);
        Expect.code(ErrorCode.CLOSED, store::statistics);
        Expect.code(ErrorCode.CLOSED, store::figures);
        Expect.code(ErrorCode.CLOSED, store::states);
        // The directory is free at once.
        open(directory).close();
    }

    @Test
    void closing_a_store_closes_sessions_that_nobody_owns() {
        Store store = open(directory);
        Session session = store.newSession();
        session.release();
        store.close();
        assertTrue(session.isClosed());
        open(directory).close();
    }

    @Test
    void sessions_of_other_threads_are_told_at_their_next_use_and_keep_the_directory() throws Exception {
        Store store = open(directory);
        Object turn = new Object();
        boolean[] storeClosed = {false};
        FutureTask<Void> other = new FutureTask<>(() -> {
            Session session = store.newSession();
            ValueState state = session.valueState("value");
            session.setKey(1, Bytes.of("k"));
            state.put(Bytes.of("v"));
            synchronized (turn) {
                turn.notifyAll();
                while (!storeClosed[0]) {
                    turn.wait();
                }
            }
            assertFalse(session.isClosed());
            Expect.code(ErrorCode.CLOSED, state::get);
            Expect.code(ErrorCode.CLOSED, () -> state.put(Bytes.of("x")));
            Expect.code(ErrorCode.LOCKED, () -> open(directory));
            session.close();
            return null;
        });
        synchronized (turn) {
            new Thread(other).start();
            turn.wait();
            store.close();
            storeClosed[0] = true;
            turn.notifyAll();
        }
        other.get();
        try (Store again = open(directory);
                Session session = again.newSession()) {
            session.setKey(1, Bytes.of("k"));
            assertEquals("v", Bytes.text(session.valueState("value").get()));
        }
    }

    @Test
    void everything_of_a_closed_session_says_that_it_is_closed() {
        try (Store store = open(directory)) {
            Session session = store.newSession();
            MapState map = session.mapState("map");
            ListState list = session.listState("list");
            session.setKey(1, Bytes.of("k"));
            EntryCursor cursor = map.newCursor();
            EntryCursor running = map.newCursor().seek();
            MultiGet get = map.newMultiGet();
            WriteBatch batch = session.newWriteBatch();
            session.close();
            List<Runnable> calls = List.of(
                    () -> session.key(1),
                    session::namespace,
                    session::mapKey,
                    session::value,
                    session::release,
                    session::acquire,
                    session::newWriteBatch,
                    () -> session.mapState("other"),
                    map::get,
                    map::contains,
                    map::delete,
                    map::put,
                    () -> map.addLong(1),
                    map::scan,
                    map::newCursor,
                    map::newMultiGet,
                    map::isEmpty,
                    map::clear,
                    list::add,
                    cursor::seek,
                    running::next,
                    running::key,
                    get::add,
                    get::execute,
                    () -> batch.delete(map),
                    batch::commit);
            for (Runnable call : calls) {
                Expect.code(ErrorCode.CLOSED, call::run);
            }
            assertTrue(session.toString().contains("closed"));
        }
    }
}
