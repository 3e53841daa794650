package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backends come and go and leave nothing. */
class LifecycleTest {
    private static final int ROUNDS = 10;

    @TempDir
    Path folder;

    private KeybedStateBackend stateBackend(Engine engine) {
        Configuration configuration = Engines.configuration(engine);
        configuration.set(KeybedOptions.LOCAL_DIRECTORY, folder.toString());
        return new KeybedStateBackend().configure(configuration, getClass().getClassLoader());
    }

    private AbstractKeyedStateBackend<Long> open(Engine engine, MockEnvironment environment, List<KeyedStateHandle> handles)
            throws Exception {
        return Backends.open(stateBackend(engine), environment, LongSerializer.INSTANCE, Backends.ALL, handles);
    }

    private static long count(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void nothingIsLeft(Engine engine) throws Exception {
        EveryState<Long> state = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
        KeyedStateHandle handle = null;
        long descriptors = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (MockEnvironment environment = MockEnvironment.builder().build()) {
                AbstractKeyedStateBackend<Long> backend =
                        open(engine, environment, handle == null ? List.of() : List.of(handle));
                if (handle == null) {
                    state.write(backend);
                }
                state.check(backend);
                handle = Backends.checkpoint(backend, round);
                assertEquals(1, count(folder), "the store, and nothing of the restore");
                backend.dispose();
                backend.dispose();
                assertEquals(0, count(folder));
            }
            long open = count(Path.of("/proc/self/fd"));
            if (round == ROUNDS / 2) {
                descriptors = open;
            }
            if (round == ROUNDS - 1) {
                assertTrue(open <= descriptors + 5, open + " open files, " + descriptors + " in the middle");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aRestoreThatFailsLeavesNothing(Engine engine) throws Exception {
        EveryState<Long> state = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> backend = open(engine, environment, List.of());
            state.write(backend);
            KeyedStateHandle handle = Backends.checkpoint(backend, 1);
            backend.dispose();
            assertThrows(
                    BackendBuildingException.class,
                    () -> Backends.open(
                            stateBackend(engine), environment, StringSerializer.INSTANCE, Backends.ALL, List.of(handle)));
            assertEquals(0, count(folder));
        }
    }

    /** The task goes on, and even ends, while its snapshot is written. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void aSnapshotOutlivesItsBackend(Engine engine) throws Exception {
        EveryState<Long> state = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> backend = open(engine, environment, List.of());
            state.write(backend);
            RunnableFuture<SnapshotResult<KeyedStateHandle>> snapshot = backend.snapshot(
                    1,
                    1,
                    new MemCheckpointStreamFactory(64 * 1024 * 1024),
                    CheckpointOptions.forCheckpointWithDefaultLocation());
            backend.applyToAllKeys(
                    org.apache.flink.runtime.state.VoidNamespace.INSTANCE,
                    org.apache.flink.runtime.state.VoidNamespaceSerializer.INSTANCE,
                    new org.apache.flink.api.common.state.ValueStateDescriptor<>("value", StringSerializer.INSTANCE),
                    (key, value) -> value.update("changed"));
            KeyedStateHandle handle = Backends.run(snapshot);
            backend.dispose();
            AbstractKeyedStateBackend<Long> restored = open(engine, environment, List.of(handle));
            state.check(restored);
            restored.dispose();
        }
    }

    /** A store that is open writes files; a directory that is deleted meanwhile is not empty. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void aSnapshotThatIsBeingWrittenKeepsTheDirectory(Engine engine) throws Exception {
        EveryState<Long> state = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> backend = open(engine, environment, List.of());
            state.write(backend);
            HeldStreams streams = new HeldStreams();
            Thread writer = new Thread(backend.snapshot(
                    1, 1, streams, CheckpointOptions.forCheckpointWithDefaultLocation()));
            writer.start();
            streams.entered.await();
            backend.dispose();
            assertEquals(1, count(folder), "the snapshot has the store open");
            streams.goOn.countDown();
            writer.join();
            assertEquals(0, count(folder));
        }
    }

    /** RocksDB writes its memtables when it is closed, which the snapshot does if it is the last to have it. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void aBackendThatIsDisposedWhileASnapshotIsWrittenLeavesNothing(Engine engine) throws Exception {
        EveryState<Long> state = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
        for (int round = 0; round < 2 * ROUNDS; round++) {
            try (MockEnvironment environment = MockEnvironment.builder().build()) {
                AbstractKeyedStateBackend<Long> backend = open(engine, environment, List.of());
                state.write(backend);
                Thread writer = new Thread(backend.snapshot(
                        round,
                        round,
                        new MemCheckpointStreamFactory(HeldStreams.MOST_BYTES),
                        CheckpointOptions.forCheckpointWithDefaultLocation()));
                writer.start();
                Thread.sleep(round % 3);
                backend.dispose();
                writer.join();
                assertEquals(0, count(folder), "round " + round);
            }
        }
    }

    /** Streams that take nothing for a while, whatever happens to them meanwhile. */
    private static final class HeldStreams extends MemCheckpointStreamFactory {
        private static final int MOST_BYTES = 64 * 1024 * 1024;

        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        HeldStreams() {
            super(MOST_BYTES);
        }

        @Override
        public CheckpointStateOutputStream createCheckpointStateOutputStream(CheckpointedStateScope scope) {
            return new MemoryCheckpointOutputStream(MOST_BYTES) {
                @Override
                public void write(int b) throws IOException {
                    hold();
                    super.write(b);
                }

                @Override
                public void write(byte[] b, int off, int len) throws IOException {
                    hold();
                    super.write(b, off, len);
                }
            };
        }

        private void hold() {
            entered.countDown();
            boolean interrupted = false;
            while (goOn.getCount() > 0) {
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
