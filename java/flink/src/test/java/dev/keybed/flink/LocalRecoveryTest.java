package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.IncrementalLocalKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.LocalSnapshotDirectoryProviderImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.TestTaskStateManager;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints have copies on the task's machine, from which it restores. */
@ExtendWith(ParameterizedTestExtension.class)
class LocalRecoveryTest {

    @Parameters(name = "{0}, incremental: {1}, compressed: {2}")
    static List<Object[]> modes() {
        return Engines.all().stream()
                .flatMap(engine -> java.util.stream.Stream.of(
                        new Object[] {engine, false, false},
                        new Object[] {engine, true, false},
                        new Object[] {engine, true, true}))
                .toList();
    }

    @Parameter(0)
    Engine engine;

    @Parameter(1)
    boolean incremental;

    @Parameter(2)
    boolean compressed;

    @TempDir
    Path folder;

    private final EveryState<Long> every = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
    private Path copies;
    private Coordinator coordinator;
    private MockEnvironment environment;
    private AbstractKeyedStateBackend<Long> backend;

    @BeforeEach
    void openBackend() throws Exception {
        copies = Files.createDirectory(folder.resolve("copies"));
        coordinator = new Coordinator(Files.createDirectory(folder.resolve("storage")));
        ExecutionConfig config = new ExecutionConfig();
        config.setUseSnapshotCompression(compressed);
        environment = MockEnvironment.builder()
                .setExecutionConfig(config)
                .setTaskStateManager(new TestTaskStateManager(LocalRecoveryConfig.backupAndRecoveryEnabled(
                        new LocalSnapshotDirectoryProviderImpl(copies.toFile(), new JobID(), new JobVertexID(), 0))))
                .build();
        backend = open(List.of());
        every.write(backend);
    }

    @AfterEach
    void closeBackend() throws Exception {
        backend.dispose();
        environment.close();
    }

    private AbstractKeyedStateBackend<Long> open(List<KeyedStateHandle> handles) throws Exception {
        return Backends.open(
                Engines.backend(engine, incremental), environment, LongSerializer.INSTANCE, Backends.ALL, handles);
    }

    private SnapshotResult<KeyedStateHandle> write(long id) throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future =
                coordinator.trigger(backend, id);
        future.run();
        return future.get();
    }

    @TestTemplate
    void aTaskRestoresFromItsCopyWhenTheStorageIsGone() throws Exception {
        coordinator.acknowledge(1, write(1));
        coordinator.confirm(1, backend);
        SnapshotResult<KeyedStateHandle> second = write(2);
        coordinator.acknowledge(2, second);
        coordinator.confirm(2, backend);
        KeyedStateHandle copy = second.getTaskLocalSnapshot();
        assertNotNull(copy);
        assertEquals(incremental, copy instanceof IncrementalLocalKeyedStateHandle);
        for (Path file : coordinator.files()) {
            Files.delete(file);
        }
        backend.dispose();
        backend = open(List.of(copy));
        every.check(backend);
        // It goes on from there: what is in the storage is not uploaded again, if it were there.
        SnapshotResult<KeyedStateHandle> third = write(3);
        if (incremental) {
            assertTrue(third.getJobManagerOwnedSnapshot().getCheckpointedSize() * 2
                    < second.getJobManagerOwnedSnapshot().getStateSize());
        }
        coordinator.acknowledge(3, third);
        copy.discardState();
        backend.dispose();
        backend = open(List.of(third.getTaskLocalSnapshot()));
        every.check(backend);
        third.getTaskLocalSnapshot().discardState();
    }

    @TestTemplate
    void aCopyThatIsDamagedIsRefusedAndTheStorageStillHasAll() throws Exception {
        SnapshotResult<KeyedStateHandle> written = write(1);
        coordinator.acknowledge(1, written);
        coordinator.confirm(1, backend);
        for (Path file : Coordinator.files(copies)) {
            Files.delete(file);
        }
        backend.dispose();
        assertThrows(BackendBuildingException.class, () -> open(List.of(written.getTaskLocalSnapshot())));
        backend = open(List.of(written.getJobManagerOwnedSnapshot()));
        every.check(backend);
    }

    @TestTemplate
    void aCheckpointThatIsCancelledLeavesNoCopy() throws Exception {
        for (int round = 0; round < 20; round++) {
            RunnableFuture<SnapshotResult<KeyedStateHandle>> future = coordinator.trigger(backend, 1 + round);
            Thread writer = new Thread(future);
            if (round > 0) {
                writer.start();
                Thread.sleep(round);
            }
            future.cancel(true);
            writer.join();
            if (!future.isCancelled()) {
                coordinator.acknowledge(1 + round, future.get());
                future.get().discardState();
                coordinator.abort(1 + round, backend);
                // What is shared goes when a later one is confirmed.
                coordinator.confirm(2 + round);
            }
            assertEquals(List.of(), Coordinator.files(copies), "round " + round);
            assertEquals(List.of(), coordinator.files(), "round " + round);
        }
    }
}
