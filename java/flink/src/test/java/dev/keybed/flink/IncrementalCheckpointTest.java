package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.PlaceholderStreamStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.TestTemplate;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;

/** Incremental checkpoints upload what is new, and are whole whatever became of the ones before. */
@ExtendWith(ParameterizedTestExtension.class)
class IncrementalCheckpointTest {
    private static final int KEYS = 20_000;
    private static final ValueStateDescriptor<String> BULK = new ValueStateDescriptor<>("bulk", StringSerializer.INSTANCE);

    @Parameters(name = "{0}")
    static List<Engine> engines() {
        return Engines.all();
    }

    @Parameter
    Engine engine;

    @TempDir
    Path folder;

    private final EveryState<Long> every = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
    private final List<String> expected = new ArrayList<>();
    private MockEnvironment environment;
    private String alive;
    private Path local;
    private Coordinator coordinator;
    private AbstractKeyedStateBackend<Long> backend;

    @BeforeEach
    void openBackend() throws Exception {
        environment = MockEnvironment.builder().build();
        alive = NativeObjects.alive();
        local = Files.createDirectory(folder.resolve("local"));
        coordinator = new Coordinator(Files.createDirectory(folder.resolve("storage")));
        backend = open(List.of());
        every.write(backend);
        for (int i = 0; i < KEYS; i++) {
            expected.add("first " + i);
            write(i);
        }
    }

    @AfterEach
    void closeBackend() throws Exception {
        backend.dispose();
        environment.close();
        assertEquals(List.of(), Coordinator.files(local), "files that are left on the task's machine");
        assertEquals(alive, NativeObjects.alive(), "native objects that are left");
    }

    private AbstractKeyedStateBackend<Long> open(List<KeyedStateHandle> handles) throws Exception {
        return open(engine, true, handles);
    }

    private AbstractKeyedStateBackend<Long> open(Engine engine, boolean incremental, List<KeyedStateHandle> handles)
            throws Exception {
        Configuration configuration = Engines.configuration(engine);
        configuration.set(KeybedOptions.LOCAL_DIRECTORY, local.toString());
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incremental);
        return Backends.open(
                new KeybedStateBackend().configure(configuration, getClass().getClassLoader()),
                environment,
                LongSerializer.INSTANCE,
                Backends.ALL,
                handles);
    }

    private ValueState<String> bulk(AbstractKeyedStateBackend<Long> backend) throws Exception {
        return backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, BULK);
    }

    private void write(int i) throws Exception {
        backend.setCurrentKey((long) i);
        bulk(backend).update(expected.get(i));
    }

    private void change(String what, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            int key = i * (KEYS / count);
            expected.set(key, what + " " + key);
            write(key);
        }
    }

    private void checkRestored(KeyedStateHandle handle) throws Exception {
        AbstractKeyedStateBackend<Long> restored = open(List.of(handle));
        try {
            check(restored);
        } finally {
            restored.dispose();
        }
    }

    private void check(AbstractKeyedStateBackend<Long> restored) throws Exception {
        every.check(restored);
        for (int i = 0; i < KEYS; i++) {
            restored.setCurrentKey((long) i);
            assertEquals(expected.get(i), bulk(restored).value());
        }
    }

    /** Goes on with a restored backend. */
    private void replaceBackend(AbstractKeyedStateBackend<Long> restored) {
        backend.dispose();
        backend = restored;
    }

    private static List<StreamStateHandle> shared(KeyedStateHandle handle) {
        return ((IncrementalRemoteKeyedStateHandle) handle)
                .getSharedState().stream().map(HandleAndLocalPath::getHandle).toList();
    }

    private static boolean isReused(StreamStateHandle handle) {
        return handle instanceof PlaceholderStreamStateHandle;
    }

    private SnapshotResult<KeyedStateHandle> run(long id) throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = coordinator.trigger(backend, id);
        future.run();
        return future.get();
    }

    @TestTemplate
    void theSecondUploadsWhatIsNew() throws Exception {
        KeyedStateHandle first = coordinator.complete(backend, 1);
        change("second", 100);
        SnapshotResult<KeyedStateHandle> second = run(2);
        KeyedStateHandle handle = second.getJobManagerOwnedSnapshot();
        assertTrue(shared(handle).stream().anyMatch(IncrementalCheckpointTest::isReused));
        assertTrue(
                handle.getCheckpointedSize() * 4 < first.getCheckpointedSize(),
                handle.getCheckpointedSize() + " bytes after " + first.getCheckpointedSize());
        assertTrue(handle.getStateSize() > first.getStateSize() / 2);
        coordinator.acknowledge(2, second);
        coordinator.confirm(2, backend);
        checkRestored(handle);
    }

    @TestTemplate
    void whatIsNotConfirmedIsUploadedAgain() throws Exception {
        KeyedStateHandle first = coordinator.write(backend, 1);
        change("second", 100);
        SnapshotResult<KeyedStateHandle> second = run(2);
        assertFalse(shared(second.getJobManagerOwnedSnapshot()).stream().anyMatch(IncrementalCheckpointTest::isReused));
        for (StreamStateHandle file : shared(first)) {
            file.discardState();
        }
        coordinator.acknowledge(2, second);
        checkRestored(second.getJobManagerOwnedSnapshot());
    }

    @TestTemplate
    void anAbortedCheckpointIsNeverReferredTo() throws Exception {
        KeyedStateHandle first = coordinator.complete(backend, 1);
        change("second", 100);
        KeyedStateHandle aborted = coordinator.write(backend, 2);
        Set<StreamStateHandle> kept = new HashSet<>(shared(coordinator.write(backend, 3)));
        coordinator.abort(2, backend);
        change("third", 100);
        SnapshotResult<KeyedStateHandle> fourth = run(4);
        assertTrue(
                shared(fourth.getJobManagerOwnedSnapshot()).stream().anyMatch(IncrementalCheckpointTest::isReused),
                () -> shared(fourth.getJobManagerOwnedSnapshot()) + " after " + first);
        KeyedStateHandle handle = coordinator.acknowledge(4, fourth);
        for (StreamStateHandle file : shared(aborted)) {
            if (!kept.contains(file) && !shared(handle).contains(file)) {
                file.discardState();
            }
        }
        coordinator.confirm(4, backend);
        checkRestored(handle);
    }

    @TestTemplate
    void subsumedCheckpointsAreDeletedAndNoneIsMissed() throws Exception {
        KeyedStateHandle last = null;
        for (int id = 1; id <= 15; id++) {
            change("round " + id, 50 + 100 * (id % 4));
            if (id % 5 == 4) {
                coordinator.write(backend, id);
                coordinator.abort(id, backend);
            } else {
                last = coordinator.complete(backend, id);
            }
        }
        Set<StreamStateHandle> files = new HashSet<>(shared(last));
        assertEquals(files.size() + 1, coordinator.files().size(), "the files of the last checkpoint, and no others");
        checkRestored(last);
    }

    @TestTemplate
    void twoAtATime() throws Exception {
        coordinator.complete(backend, 1);
        change("second", 100);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> second = coordinator.trigger(backend, 2);
        change("third", KEYS);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> third = coordinator.trigger(backend, 3);
        third.run();
        second.run();
        coordinator.acknowledge(2, second.get());
        coordinator.confirm(2, backend);
        KeyedStateHandle handle = coordinator.acknowledge(3, third.get());
        coordinator.confirm(3, backend);
        checkRestored(handle);
        change("fourth", 100);
        checkRestored(coordinator.complete(backend, 4));
    }

    @TestTemplate
    void aCheckpointThatFailsLeavesNothingAndTheNextIsRight() throws Exception {
        coordinator.complete(backend, 1);
        List<Path> before = coordinator.files();
        int failures = 0;
        for (int bytes = 0; ; bytes = bytes * 4 + 1) {
            change("failing " + bytes, 500);
            CheckpointStreamFactory streams = new FailingStreams(coordinator.streams(2), bytes);
            RunnableFuture<SnapshotResult<KeyedStateHandle>> future =
                    coordinator.trigger(backend, 2, CheckpointType.CHECKPOINT, streams);
            future.run();
            try {
                coordinator.acknowledge(2, future.get());
                break;
            } catch (java.util.concurrent.ExecutionException e) {
                failures++;
                assertEquals(before, coordinator.files());
            }
        }
        assertTrue(failures > 5, failures + " failures");
        coordinator.confirm(2, backend);
        change("third", 500);
        checkRestored(coordinator.complete(backend, 3));
    }

    @TestTemplate
    void aFullCheckpointUploadsAllAndIsTheBaseOfTheNext() throws Exception {
        KeyedStateHandle first = coordinator.complete(backend, 1);
        change("second", 100);
        KeyedStateHandle full = coordinator.write(backend, 2, CheckpointType.FULL_CHECKPOINT);
        assertTrue(full.getCheckpointedSize() >= first.getCheckpointedSize() / 2);
        Set<StreamStateHandle> ofFirst = new HashSet<>(shared(first));
        assertTrue(shared(full).stream().noneMatch(ofFirst::contains));
        coordinator.confirm(2, backend);
        for (StreamStateHandle file : ofFirst) {
            file.discardState();
        }
        change("third", 100);
        SnapshotResult<KeyedStateHandle> third = run(3);
        assertTrue(shared(third.getJobManagerOwnedSnapshot()).stream().anyMatch(IncrementalCheckpointTest::isReused));
        KeyedStateHandle handle = coordinator.acknowledge(3, third);
        coordinator.confirm(3, backend);
        checkRestored(handle);
    }

    @TestTemplate
    void aRestoredBackendGoesOnIncrementally() throws Exception {
        coordinator.complete(backend, 1);
        change("second", 100);
        KeyedStateHandle second = coordinator.complete(backend, 2);
        replaceBackend(open(List.of(second)));
        check(backend);
        change("third", 100);
        SnapshotResult<KeyedStateHandle> third = run(3);
        assertTrue(third.getJobManagerOwnedSnapshot().getCheckpointedSize() * 4 < second.getStateSize());
        assertEquals(
                ((IncrementalRemoteKeyedStateHandle) second).getBackendIdentifier(),
                ((IncrementalRemoteKeyedStateHandle) third.getJobManagerOwnedSnapshot()).getBackendIdentifier());
        KeyedStateHandle handle = coordinator.acknowledge(3, third);
        coordinator.confirm(3, backend);
        checkRestored(handle);
        change("fourth", 100);
        checkRestored(coordinator.complete(backend, 4));
    }

    @TestTemplate
    void fullCheckpointsSavepointsAndTheOtherEngine() throws Exception {
        Engine other = engine == Engine.TABLE ? Engine.ROCKS : Engine.TABLE;
        KeyedStateHandle incremental = coordinator.complete(backend, 1);
        replaceBackend(open(engine, false, List.of(incremental)));
        check(backend);
        KeyedStateHandle full = coordinator.write(backend, 2);
        assertEquals(KeyGroupsStateHandle.class, full.getClass());
        // A slot's memory is of one engine.
        backend.dispose();
        backend = open(other, true, List.of(full));
        check(backend);
        KeyedStateHandle ofOther = coordinator.write(backend, 3);
        backend.dispose();
        backend = open(engine, true, List.of(ofOther));
        check(backend);
        KeyedStateHandle savepoint =
                coordinator.write(backend, 4, SavepointType.savepoint(SavepointFormatType.NATIVE));
        assertEquals(KeyGroupsStateHandle.class, savepoint.getClass());
        checkRestored(savepoint);
        checkRestored(Backends.savepoint(backend));
    }

    @TestTemplate
    void cancelledAtAnyMomentNothingIsLeft() throws Exception {
        coordinator.complete(backend, 1);
        List<Path> before = coordinator.files();
        AtomicInteger cancelled = new AtomicInteger();
        for (int round = 0; round < 30; round++) {
            change("round " + round, KEYS / 4);
            RunnableFuture<SnapshotResult<KeyedStateHandle>> future = coordinator.trigger(backend, 2 + round);
            Thread writer = new Thread(future);
            if (round > 0) {
                writer.start();
                Thread.sleep(round - 1);
            }
            future.cancel(true);
            writer.join();
            if (future.isCancelled()) {
                cancelled.incrementAndGet();
                assertEquals(before, coordinator.files(), "round " + round);
            } else {
                coordinator.acknowledge(2 + round, future.get());
                coordinator.confirm(2 + round, backend);
                before = coordinator.files();
            }
            try (var left = Files.list(snapshots())) {
                assertEquals(0, left.count(), "round " + round);
            }
        }
        assertTrue(cancelled.get() > 0);
        change("last", 500);
        checkRestored(coordinator.complete(backend, 100));
    }

    private Path snapshots() throws IOException {
        try (var stores = Files.list(local)) {
            return stores.findFirst().orElseThrow().resolve("snapshots");
        }
    }

    @TestTemplate
    void aBackendThatEndsWhileACheckpointIsWrittenLeavesNothing() throws Exception {
        KeyedStateHandle handle = coordinator.complete(backend, 1);
        List<Path> before = coordinator.files();
        for (int round = 0; round < 10; round++) {
            RunnableFuture<SnapshotResult<KeyedStateHandle>> future = coordinator.trigger(backend, 2);
            Thread writer = new Thread(future);
            writer.start();
            Thread.sleep(round);
            backend.dispose();
            writer.join();
            try (var stores = Files.list(local)) {
                assertEquals(0, stores.count());
            }
            if (future.isCancelled()) {
                assertEquals(before, coordinator.files());
            } else {
                future.get().getJobManagerOwnedSnapshot().discardState();
            }
            backend = open(List.of(handle));
        }
        check(backend);
    }

    @TestTemplate
    void aDownloadThatFailsLeavesNothing() throws Exception {
        KeyedStateHandle handle = coordinator.complete(backend, 1);
        shared(handle).get(0).discardState();
        assertThrows(org.apache.flink.runtime.state.BackendBuildingException.class, () -> open(List.of(handle)));
        try (var stores = Files.list(local)) {
            assertEquals(1, stores.count());
        }
    }

    /** Streams that fail when so many bytes were written to all of them. */
    private static final class FailingStreams implements CheckpointStreamFactory {
        private final CheckpointStreamFactory streams;
        private final AtomicInteger left;

        FailingStreams(CheckpointStreamFactory streams, int bytes) {
            this.streams = streams;
            this.left = new AtomicInteger(bytes);
        }

        @Override
        public CheckpointStateOutputStream createCheckpointStateOutputStream(CheckpointedStateScope scope)
                throws IOException {
            CheckpointStateOutputStream stream = streams.createCheckpointStateOutputStream(scope);
            return new CheckpointStateOutputStream() {
                @Override
                public StreamStateHandle closeAndGetHandle() throws IOException {
                    return stream.closeAndGetHandle();
                }

                @Override
                public void close() throws IOException {
                    stream.close();
                }

                @Override
                public long getPos() throws IOException {
                    return stream.getPos();
                }

                @Override
                public void flush() throws IOException {
                    stream.flush();
                }

                @Override
                public void sync() throws IOException {
                    stream.sync();
                }

                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    if (left.addAndGet(-length) < 0) {
                        throw new IOException("the failure that the test wants");
                    }
                    stream.write(bytes, offset, length);
                }
            };
        }

        @Override
        public boolean canFastDuplicate(StreamStateHandle handle, CheckpointedStateScope scope) {
            return false;
        }

        @Override
        public List<StreamStateHandle> duplicate(List<StreamStateHandle> handles, CheckpointedStateScope scope) {
            throw new UnsupportedOperationException();
        }
    }
}
