package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ThreadConfinementTest extends StoreTest {
    private ValueState state;

    @BeforeEach
    void openState() {
        state = session.valueState("value");
        key("k");
        state.put(Bytes.of("v"));
    }

    private static void elsewhere(Executable task) throws Throwable {
        elsewhere(runnable -> new Thread(runnable, "elsewhere"), task);
    }

    private static void elsewhere(ThreadFactory threads, Executable task) throws Throwable {
        FutureTask<Void> future = new FutureTask<>(() -> {
            try {
                task.execute();
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
            return null;
        });
        threads.newThread(future).start();
        try {
            future.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    @Test
    void every_call_from_another_thread_is_refused_and_changes_nothing() throws Throwable {
        MapState map = session.mapState("map");
        WriteBatch batch = session.newWriteBatch();
        MultiGet get = state.newMultiGet();
        get.add();
        EntryCursor cursor = map.newCursor();
        cursor.seek();
        List<Executable> calls = List.of(
                () -> session.key(1),
                () -> session.setKey(1, 1L),
                session::namespace,
                session::mapKey,
                session::value,
                session::newWriteBatch,
                () -> session.valueState("other"),
                () -> session.compositeKey(state, java.nio.ByteBuffer.allocateDirect(100)),
                state::get,
                state::contains,
                state::delete,
                () -> state.addLong(1),
                () -> state.put(Bytes.of("x")),
                () -> state.clear(Scope.KEY),
                state::newMultiGet,
                () -> state.newCursor(Scope.KEY),
                map::scan,
                map::isEmpty,
                map::clear,
                batch::commit,
                batch::close,
                get::execute,
                get::close,
                cursor::seek,
                cursor::close,
                session::release,
                session::acquire,
                session::close);
        elsewhere(() -> {
            for (Executable call : calls) {
                Expect.code(ErrorCode.WRONG_THREAD, call);
            }
        });
        assertEquals("v", Bytes.text(state.get()));
        get.execute();
        assertEquals("v", Bytes.text(get.value(0)));
        assertUsable();
    }

    @Test
    void a_refused_call_leaves_the_owners_value_key_and_views_alone() throws Throwable {
        ForeignCalls calls = new ForeignCalls(session);
        // A view and a pending value share a buffer: one, then the other.
        key("k");
        DirectInput view = state.get();
        calls.withCursorsOnEntries();
        elsewhere(calls::allRefused);
        assertEquals("v", Bytes.text(view));
        calls.assertCursorsShowTheirEntries();

        DirectOutput value = session.value();
        value.write(Bytes.of("pend"));
        DirectOutput half = session.key(1);
        half.write(Bytes.of("ha"));
        elsewhere(calls::allRefused);
        half.write(Bytes.of("lf"));
        value.write(Bytes.of("ing"));
        elsewhere(calls::allRefused);
        state.put();
        elsewhere(calls::allRefused);
        key("half");
        assertEquals("pending", Bytes.text(state.get()));
        key("k");
        assertEquals("v", Bytes.text(state.get()));
        assertUsable();
    }

    @Test
    void a_thread_that_keeps_intruding_never_gets_a_byte_in() throws Throwable {
        byte[] evil = Bytes.of("evil, and longer than what the owner puts");
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Long> intruder = new FutureTask<>(() -> {
            long refused = 0;
            while (!done.get()) {
                Expect.code(ErrorCode.WRONG_THREAD, () -> state.put(evil));
                Expect.code(ErrorCode.WRONG_THREAD, state::get);
                Expect.code(ErrorCode.WRONG_THREAD, () -> session.setKey(2, evil));
                refused++;
            }
            return refused;
        });
        Thread thread = new Thread(intruder, "intruder");
        thread.start();
        try {
            for (int i = 0; i < 100_000; i++) {
                session.setKey(1, i % 100L);
                session.value().writeLong(i);
                state.put();
                DirectInput in = state.get();
                assertEquals(i, in.readLong());
                assertEquals(0, in.remaining());
            }
        } finally {
            done.set(true);
            thread.join();
        }
        assertTrue(intruder.get() > 0);
    }

    @Test
    void the_message_names_both_threads() throws Throwable {
        elsewhere(() -> {
            String message = Expect.code(ErrorCode.WRONG_THREAD, () -> session.key(1));
            assertTrue(message.contains("elsewhere"), message);
        });
    }

    @Test
    void a_released_session_can_be_acquired_by_another_thread() throws Throwable {
        session.release();
        Expect.code(ErrorCode.WRONG_THREAD, state::get);
        Expect.code(ErrorCode.WRONG_THREAD, () -> session.key(1));
        Expect.code(ErrorCode.WRONG_THREAD, session::release);
        elsewhere(() -> {
            session.acquire();
            assertEquals("v", Bytes.text(state.get()));
            key("k2");
            state.put(Bytes.of("from elsewhere"));
            session.release();
        });
        session.acquire();
        assertEquals("from elsewhere", Bytes.text(state.get()));
    }

    @Test
    void acquiring_ones_own_session_is_no_change_and_anothers_is_refused() throws Throwable {
        session.acquire();
        assertEquals("v", Bytes.text(state.get()));
        elsewhere(() -> Expect.code(ErrorCode.WRONG_THREAD, session::acquire));
    }

    @Test
    void views_and_outputs_end_with_the_release() {
        DirectInput view = state.get();
        session.release();
        Expect.code(ErrorCode.CURSOR_INVALID, view::readByte);
        session.acquire();
        DirectOutput out = session.value();
        DirectOutput key = session.key(1);
        key.writeByte('k');
        session.release();
        Expect.code(ErrorCode.CURSOR_INVALID, () -> out.writeByte(1));
        Expect.code(ErrorCode.CURSOR_INVALID, () -> key.writeByte(1));
        session.acquire();
        assertEquals("v", Bytes.text(state.get()));
    }

    @Test
    void a_released_session_can_be_closed_by_any_thread() throws Throwable {
        session.release();
        elsewhere(session::close);
        assertTrue(session.isClosed());
        Expect.code(ErrorCode.CLOSED, session::acquire);
    }

    @Test
    void sessions_of_many_threads_work_side_by_side() throws Throwable {
        int threads = 4;
        CountDownLatch start = new CountDownLatch(threads);
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            FutureTask<Void> task = new FutureTask<>(() -> {
                start.countDown();
                start.await();
                for (int round = 0; round < 20; round++) {
                    try (Session own = store.newSession()) {
                        ValueState value = own.valueState("value");
                        for (int i = 0; i < 200; i++) {
                            own.setKey(number, (long) i);
                            own.value().writeInt(round + i);
                            value.put();
                            assertEquals(round + i, value.get().readInt());
                        }
                    }
                }
                return null;
            });
            tasks.add(task);
            new Thread(task).start();
        }
        for (FutureTask<Void> task : tasks) {
            task.get();
        }
        session.setKey(9, 1L);
        assertNull(state.get());
    }

    @Test
    void a_virtual_thread_cannot_own_a_session() throws Throwable {
        session.release();
        elsewhere(virtualThreads(), () -> {
            Expect.code(ErrorCode.WRONG_THREAD, store::newSession);
            Expect.code(ErrorCode.WRONG_THREAD, session::acquire);
        });
        session.acquire();
        assertUsable();
    }

    /** {@code Thread.ofVirtual().factory()}, which Java 17 does not have. */
    private static ThreadFactory virtualThreads() throws ReflectiveOperationException {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            return (ThreadFactory) type.getMethod("factory").invoke(builder);
        } catch (NoSuchMethodException e) {
            return Assumptions.abort("this Java has no virtual threads");
        }
    }
}
