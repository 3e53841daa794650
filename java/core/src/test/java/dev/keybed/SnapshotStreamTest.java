package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A stream gives a snapshot file block by block, to any thread, while the owner writes; it can be ended at any moment. */
class SnapshotStreamTest extends StoreTest {
    private static final SnapshotOptions SMALL_BLOCKS =
            SnapshotOptions.builder().blockBytes(4096).build();

    private Contents contents;
    private TreeMap<String, String> expected;
    private Snapshot snapshot;

    @BeforeEach
    void fill() {
        contents = new Contents(session).write(1, 4_000);
        expected = contents.read();
        snapshot = store.snapshot();
    }

    @Override
    @AfterEach
    void closeStore() {
        snapshot.close();
        super.closeStore();
    }

    private void assertComplete(byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("of-bytes-" + System.nanoTime()), bytes);
        Snapshot.verify(file);
        try (StoredSnapshot stored = Snapshot.read(file)) {
            assertEquals(expected, Contents.read(stored));
        }
    }

    private static byte[] pull(SnapshotStream stream, ByteBuffer target) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int length = stream.next(target.clear()); length != SnapshotStream.END; length = stream.next(target.clear())) {
            if (length == 0) {
                target = target.isDirect()
                        ? ByteBuffer.allocateDirect(stream.needed())
                        : ByteBuffer.allocate(stream.needed());
            } else {
                assertEquals(length, target.position());
                all.writeBytes(Bytes.remaining(target.flip()));
            }
        }
        assertEquals(SnapshotStream.END, stream.next(target));
        return all.toByteArray();
    }

    @Test
    void blocks_go_to_buffers_of_any_kind() throws IOException {
        for (ByteBuffer target : new ByteBuffer[] {
            ByteBuffer.allocateDirect(1 << 20), ByteBuffer.allocate(1 << 20), ByteBuffer.allocateDirect(0),
            ByteBuffer.allocate(100)
        }) {
            try (SnapshotStream stream = snapshot.stream(SMALL_BLOCKS)) {
                byte[] bytes = pull(stream, target);
                assertEquals(bytes.length, stream.summary().bytes());
                assertEquals(expected.size(), stream.summary().entries());
                assertComplete(bytes);
            }
        }
    }

    @Test
    void a_block_that_does_not_fit_is_not_lost() {
        session.setKey(1, Bytes.of("large"));
        session.valueState("large").put(Bytes.random(2_000_000, 1));
        try (Snapshot large = store.snapshot();
                SnapshotStream stream = large.stream(SMALL_BLOCKS)) {
            ByteBuffer target = ByteBuffer.allocate(500_000);
            while (stream.next(target.clear()) > 0) {
                assertTrue(target.position() > 0);
            }
            assertTrue(stream.needed() > 2_000_000);
            assertEquals(0, stream.next(target.clear()));
            assertEquals(0, target.position());
            ByteBuffer enough = ByteBuffer.allocate(stream.needed() + 10).position(10);
            assertEquals(stream.needed(), stream.next(enough));
            assertEquals(enough.limit(), enough.position());
            Expect.code(ErrorCode.READ_ONLY_BUFFER, () -> stream.next(enough.asReadOnlyBuffer()));
            assertEquals(large, stream.snapshot());
        }
    }

    @Test
    void a_stream_flows_through_a_channel_while_the_owner_writes() throws Exception {
        Path file = directory.resolve("through-a-channel");
        FutureTask<SnapshotSummary> task = new FutureTask<>(() -> {
            SnapshotOptions options = SnapshotOptions.builder()
                    .blockBytes(4096)
                    .releaseKeyGroups(true)
                    .compression(Compression.LZ4)
                    .build();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    SnapshotStream stream = snapshot.stream(options)) {
                return stream.writeTo(channel);
            }
        });
        new Thread(task).start();
        for (long seed = 50; !task.isDone(); seed++) {
            contents.write(seed, 500).delete(seed, 500);
        }
        assertEquals(Files.size(file), task.get().bytes());
        Snapshot.verify(file);
        try (StoredSnapshot stored = Snapshot.read(file)) {
            assertEquals(expected, Contents.read(stored));
        }
        // Its key groups have been released one by one.
        Expect.code(ErrorCode.CLOSED, () -> snapshot.count("values", 1));
    }

    @Test
    void a_stream_flows_through_an_output_stream() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SnapshotStream stream = snapshot.stream(SnapshotOptions.defaults())) {
            assertEquals(stream.writeTo(out).bytes(), out.size());
            assertEquals(SnapshotStream.END, stream.next(ByteBuffer.allocate(10)));
        }
        assertComplete(out.toByteArray());
        // A channel that takes a byte at a time.
        ByteArrayOutputStream slow = new ByteArrayOutputStream();
        WritableByteChannel channel = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer from) {
                assertTrue(from.isReadOnly());
                slow.write(from.get());
                return 1;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        try (SnapshotStream stream = snapshot.stream(SnapshotOptions.defaults())) {
            stream.writeTo(channel);
        }
        assertComplete(slow.toByteArray());
    }

    @Test
    void what_the_output_throws_comes_through_and_the_stream_can_be_closed() {
        try (SnapshotStream stream = snapshot.stream(SMALL_BLOCKS)) {
            WritableByteChannel closed = Channels.newChannel(new ByteArrayOutputStream());
            closed.close();
            assertThrows(IOException.class, () -> stream.writeTo(closed));
            assertTrue(stream.next(ByteBuffer.allocate(1 << 20)) > 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void another_thread_ends_a_stream_at_any_moment() throws Exception {
        for (int i = 0; i < 20; i++) {
            SnapshotStream stream = snapshot.stream(SMALL_BLOCKS);
            CountDownLatch running = new CountDownLatch(1);
            FutureTask<Void> puller = new FutureTask<>(() -> {
                ByteBuffer target = ByteBuffer.allocateDirect(1 << 16);
                running.countDown();
                while (true) {
                    if (stream.next(target.clear()) == SnapshotStream.END) {
                        return null;
                    }
                }
            });
            Thread thread = new Thread(puller);
            thread.start();
            running.await();
            Thread.sleep(0, 50_000 * i);
            stream.close();
            thread.join();
            try {
                puller.get();
            } catch (ExecutionException e) {
                assertEquals(ErrorCode.CLOSED, ((Coded) e.getCause()).errorCode());
            }
            assertTrue(stream.isClosed());
            Expect.code(ErrorCode.CLOSED, () -> stream.next(ByteBuffer.allocate(10)));
            Expect.code(ErrorCode.CLOSED, stream::summary);
            Expect.code(ErrorCode.CLOSED, () -> stream.writeTo(new ByteArrayOutputStream()));
        }
    }

    @Test
    void two_threads_cannot_pull_at_once() throws Exception {
        try (SnapshotStream stream = snapshot.stream(SMALL_BLOCKS)) {
            CountDownLatch writing = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            FutureTask<SnapshotSummary> first = new FutureTask<>(() -> stream.writeTo(new OutputStream() {
                @Override
                public void write(int b) {
                    throw new AssertionError();
                }

                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    writing.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    all.write(bytes, from, length);
                }
            }));
            new Thread(first).start();
            writing.await();
            Expect.code(ErrorCode.WRONG_THREAD, () -> stream.next(ByteBuffer.allocate(1 << 20)));
            goOn.countDown();
            assertEquals(first.get().bytes(), all.size());
            assertComplete(all.toByteArray());
        }
    }

    @Test
    void a_stream_goes_on_when_snapshot_session_and_store_are_closed() throws IOException {
        SnapshotStream stream = snapshot.stream(SMALL_BLOCKS);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer first = ByteBuffer.allocate(1 << 16);
        stream.next(first);
        out.writeBytes(Bytes.remaining(first.flip()));
        snapshot.close();
        session.close();
        store.close();
        Expect.code(ErrorCode.LOCKED, () -> open(store.path()));
        stream.writeTo(out);
        stream.close();
        open(store.path()).close();
        assertComplete(out.toByteArray());
    }

    @Test
    void a_failed_stream_stays_failed() {
        try (SnapshotStream stream = snapshot.stream(SMALL_BLOCKS)) {
            ByteBuffer target = ByteBuffer.allocate(1 << 16);
            stream.next(target.clear());
            for (StateInfo state : snapshot.states()) {
                for (int group = 0; group < 128; group++) {
                    snapshot.release(state.name(), group);
                }
            }
            Expect.code(ErrorCode.CLOSED, () -> {
                while (stream.next(target.clear()) != SnapshotStream.END) {}
            });
            Expect.code(ErrorCode.CLOSED, () -> stream.next(target.clear()));
        }
    }

    @Test
    void nothing_is_allocated_for_a_block() {
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 17);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long allocated = Long.MAX_VALUE;
        // Until the code is compiled, which the counter may see.
        for (int round = 0; round < 60 && allocated > 0; round++) {
            try (SnapshotStream stream = snapshot.stream(SMALL_BLOCKS)) {
                stream.next(target.clear());
                long before = threads.getThreadAllocatedBytes(id);
                int blocks = 0;
                while (stream.next(target.clear()) > 0) {
                    blocks++;
                }
                allocated = threads.getThreadAllocatedBytes(id) - before;
                assertTrue(blocks > 50, "blocks " + blocks);
            }
        }
        assertEquals(0, allocated);
    }

    @Test
    void two_streams_of_a_snapshot_give_the_same_entries() throws IOException {
        try (SnapshotStream one = snapshot.stream(SMALL_BLOCKS);
                SnapshotStream two = snapshot.stream(SnapshotOptions.defaults())) {
            byte[] small = pull(one, ByteBuffer.allocate(1 << 16));
            byte[] large = pull(two, ByteBuffer.allocate(1 << 20));
            assertComplete(small);
            assertComplete(large);
            assertTrue(small.length >= large.length);
        }
    }
}
