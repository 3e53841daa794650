package dev.keybed.flink;

import dev.keybed.Snapshot;
import dev.keybed.SnapshotFile;
import dev.keybed.SnapshotOptions;
import dev.keybed.SnapshotSeries;
import dev.keybed.Store;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.filemerging.FileMergingSnapshotManager;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.StreamStateHandle;

/**
 * What incremental checkpoints of a backend have in common.
 *
 * @param backend names the backend in handles; one that goes on where another ended has its name
 * @param series the snapshots of the store
 */
record Increments(UUID backend, SnapshotSeries series, UploadedFiles uploaded) implements AutoCloseable {

    /**
     * Of a store that was just made.
     *
     * @param sources what it was made from, if from incremental checkpoints: their files need not be uploaded again
     * @param uploaded told of these
     */
    static Increments of(
            Store store,
            SnapshotOptions options,
            KeyGroupRange groups,
            List<IncrementalSource> sources,
            UploadedFiles uploaded) {
        for (IncrementalSource source : sources) {
            uploaded.restored(source.handle().getCheckpointId(), files(source, groups));
        }
        UUID backend = sources.size() == 1 && isWhole(sources.get(0), groups)
                ? sources.get(0).handle().getBackendIdentifier()
                : UUID.randomUUID();
        SnapshotSeries series = store.snapshotSeries(
                options, sources.stream().map(IncrementalSource::directory).toList());
        return new Increments(backend, series, uploaded);
    }

    private static boolean isWhole(IncrementalSource source, KeyGroupRange groups) {
        return source.handle().getKeyGroupRange().equals(groups);
    }

    /** Its files that later checkpoints may refer to. One in a merged file is counted by the subtask that wrote it. */
    private static Map<String, StreamStateHandle> files(IncrementalSource source, KeyGroupRange groups) {
        Map<String, String> identities = Snapshot.readFiles(source.directory()).files().stream()
                .collect(Collectors.toMap(SnapshotFile::name, SnapshotFile::identity));
        Map<String, StreamStateHandle> files = new HashMap<>();
        for (HandleAndLocalPath file : source.handle().getSharedStateHandles()) {
            String identity = identities.get(file.getLocalPath());
            if (identity != null
                    && (isWhole(source, groups) || !FileMergingSnapshotManager.isFileMergingHandle(file.getHandle()))) {
                files.put(identity, file.getHandle());
            }
        }
        return files;
    }

    @Override
    public void close() {
        series.close();
    }
}
