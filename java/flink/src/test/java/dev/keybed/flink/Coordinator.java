package dev.keybed.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.CheckpointStorageAccess;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;

/**
 * The JobManager's part in checkpoints: files in a folder, and Flink's registry of those that are shared, which deletes what no
 * checkpoint has that is kept. Keeps one checkpoint, the newest that is confirmed.
 */
final class Coordinator {
    private final Path folder;
    private final CheckpointStorageAccess storage;
    private final SharedStateRegistry registry = new SharedStateRegistryImpl();
    private final Map<Long, List<KeyedStateHandle>> pending = new HashMap<>();
    private List<KeyedStateHandle> kept = List.of();

    Coordinator(Path folder) throws IOException {
        this.folder = folder;
        storage = new FileSystemCheckpointStorage(new org.apache.flink.core.fs.Path(folder.toUri()), 0, -1)
                .createCheckpointStorage(new JobID());
        storage.initializeBaseLocationsForCheckpoint();
    }

    CheckpointStreamFactory streams(long id) throws IOException {
        return storage.resolveCheckpointStorageLocation(id, CheckpointStorageLocationReference.getDefault());
    }

    RunnableFuture<SnapshotResult<KeyedStateHandle>> trigger(AbstractKeyedStateBackend<?> backend, long id)
            throws Exception {
        return trigger(backend, id, CheckpointType.CHECKPOINT, streams(id));
    }

    RunnableFuture<SnapshotResult<KeyedStateHandle>> trigger(
            AbstractKeyedStateBackend<?> backend, long id, SnapshotType type, CheckpointStreamFactory streams)
            throws Exception {
        return backend.snapshot(
                id, id, streams, new CheckpointOptions(type, CheckpointStorageLocationReference.getDefault()));
    }

    /** Takes a task's part of a checkpoint; placeholders in it become what they stand for. */
    KeyedStateHandle acknowledge(long id, SnapshotResult<KeyedStateHandle> result) {
        KeyedStateHandle handle = result.getJobManagerOwnedSnapshot();
        handle.registerSharedStates(registry, id);
        pending.computeIfAbsent(id, none -> new ArrayList<>()).add(handle);
        return handle;
    }

    KeyedStateHandle write(AbstractKeyedStateBackend<?> backend, long id) throws Exception {
        return write(backend, id, CheckpointType.CHECKPOINT);
    }

    KeyedStateHandle write(AbstractKeyedStateBackend<?> backend, long id, SnapshotType type) throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = trigger(backend, id, type, streams(id));
        future.run();
        return acknowledge(id, future.get());
    }

    /** A checkpoint is complete; the one before goes. */
    void confirm(long id, AbstractKeyedStateBackend<?>... backends) throws Exception {
        for (KeyedStateHandle handle : kept) {
            handle.discardState();
        }
        kept = pending.getOrDefault(id, List.of());
        pending.remove(id);
        registry.unregisterUnusedState(id);
        for (AbstractKeyedStateBackend<?> backend : backends) {
            backend.notifyCheckpointComplete(id);
        }
    }

    void abort(long id, AbstractKeyedStateBackend<?> backend) throws Exception {
        for (KeyedStateHandle handle : pending.getOrDefault(id, List.of())) {
            handle.discardState();
        }
        pending.remove(id);
        backend.notifyCheckpointAborted(id);
    }

    KeyedStateHandle complete(AbstractKeyedStateBackend<?> backend, long id) throws Exception {
        KeyedStateHandle handle = write(backend, id);
        confirm(id, backend);
        return handle;
    }

    /** The files in the storage. */
    List<Path> files() throws IOException {
        return files(folder);
    }

    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
