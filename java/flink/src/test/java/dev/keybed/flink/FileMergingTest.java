package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.filemerging.FileMergingSnapshotManager;
import org.apache.flink.runtime.checkpoint.filemerging.FileMergingSnapshotManager.SubtaskKey;
import org.apache.flink.runtime.checkpoint.filemerging.FileMergingSnapshotManagerBuilder;
import org.apache.flink.runtime.checkpoint.filemerging.FileMergingType;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.PlaceholderStreamStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.runtime.state.filesystem.FsMergingCheckpointStorageLocation;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Incremental checkpoints whose files Flink merges into few. */
class FileMergingTest {
    private static final SubtaskKey SUBTASK = new SubtaskKey("job", "operator", 0, 1);
    private static final int BUFFER_BYTES = 4096;

    @TempDir
    Path folder;

    private FileMergingSnapshotManager manager;

    private CheckpointStreamFactory streams(long checkpoint) {
        return new FsMergingCheckpointStorageLocation(
                SUBTASK,
                LocalFileSystem.getSharedInstance(),
                path("checkpoints"),
                path("shared"),
                path("taskowned"),
                CheckpointStorageLocationReference.getDefault(),
                0,
                BUFFER_BYTES,
                manager,
                checkpoint);
    }

    private org.apache.flink.core.fs.Path path(String name) {
        return new org.apache.flink.core.fs.Path(folder.resolve(name).toUri());
    }

    private static List<StreamStateHandle> shared(KeyedStateHandle handle) {
        return ((IncrementalRemoteKeyedStateHandle) handle)
                .getSharedState().stream().map(HandleAndLocalPath::getHandle).toList();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void filesAreMergedAndReferredTo(Engine engine) throws Exception {
        for (String name : List.of("checkpoints", "shared", "taskowned", "coordinator")) {
            Files.createDirectory(folder.resolve(name));
        }
        FileSystem files = LocalFileSystem.getSharedInstance();
        manager = new FileMergingSnapshotManagerBuilder(
                        new JobID(), ResourceID.generate(), FileMergingType.MERGE_WITHIN_CHECKPOINT)
                .build();
        manager.initFileSystem(files, path("checkpoints"), path("shared"), path("taskowned"), BUFFER_BYTES);
        manager.registerSubtaskForSharedStates(SUBTASK);
        Coordinator coordinator = new Coordinator(folder.resolve("coordinator"));
        EveryState<Long> every = new EveryState<>(LongSerializer.INSTANCE, i -> (long) i, Backends.ALL);
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> backend = Backends.open(
                    Engines.backend(engine, true), environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
            every.write(backend);
            KeyedStateHandle last = null;
            for (long id = 1; id <= 4; id++) {
                manager.notifyCheckpointStart(SUBTASK, id);
                RunnableFuture<SnapshotResult<KeyedStateHandle>> future =
                        coordinator.trigger(backend, id, CheckpointType.CHECKPOINT, streams(id));
                future.run();
                List<StreamStateHandle> shared = shared(future.get().getJobManagerOwnedSnapshot());
                boolean isReused = shared.stream()
                        .anyMatch(handle -> handle instanceof PlaceholderStreamStateHandle placeholder
                                && placeholder.isFileMerged());
                assertEquals(id > 1, isReused, "checkpoint " + id);
                last = coordinator.acknowledge(id, future.get());
                coordinator.confirm(id, backend);
                manager.notifyCheckpointComplete(SUBTASK, id);
                if (id > 1) {
                    manager.notifyCheckpointSubsumed(SUBTASK, id - 1);
                }
            }
            Set<org.apache.flink.core.fs.Path> merged = new HashSet<>();
            for (StreamStateHandle handle : shared(last)) {
                merged.add(((SegmentFileStateHandle) handle).getFilePath());
            }
            assertFalse(merged.isEmpty());
            if (engine == Engine.ROCKS) {
                assertTrue(merged.size() < shared(last).size(), merged.size() + " files of " + shared(last).size());
            }
            backend.dispose();
            backend = Backends.open(
                    Engines.backend(engine, true), environment, LongSerializer.INSTANCE, Backends.ALL, List.of(last));
            every.check(backend);
            backend.dispose();
        } finally {
            manager.close();
        }
    }
}
