package dev.keybed.flink;

import dev.keybed.PreparedSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy;

/**
 * Incremental checkpoints: each has the files of a snapshot of the store's series, of which those that the last confirmed
 * checkpoint has are not uploaded again.
 *
 * <pre>
 *  task's thread   prepare: a table is frozen; RocksDB writes its memtables
 *  another         finish:  the files of the snapshot are in a directory, most of them links
 *                  upload:  those that are not in the storage ({@link UploadedFiles}); then the head ({@link IncrementalFormat})
 *  release         the directory is deleted, or is the local copy
 * </pre>
 */
final class IncrementalSnapshotStrategy<K> implements SnapshotStrategy<KeyedStateHandle, IncrementalSnapshot<K>> {
    private final Increments increments;
    private final Supplier<FullSnapshot<K>> heads;
    private final WorkingDirectory directory;
    private final LocalRecoveryConfig localRecovery;
    private final Transfers transfers;

    /** @param heads what goes to the head of a snapshot: serializers and timers */
    IncrementalSnapshotStrategy(
            Increments increments,
            Supplier<FullSnapshot<K>> heads,
            WorkingDirectory directory,
            LocalRecoveryConfig localRecovery,
            Transfers transfers) {
        this.increments = increments;
        this.heads = heads;
        this.directory = directory;
        this.localRecovery = localRecovery;
        this.transfers = transfers;
    }

    @Override
    public IncrementalSnapshot<K> syncPrepareResources(long checkpointId) throws IOException {
        FullSnapshot<K> head = heads.get();
        Path place = place(checkpointId);
        PreparedSnapshot prepared =
                head.getMetaInfoSnapshots().isEmpty() ? null : increments.series().prepare(place);
        increments.uploaded().begun(checkpointId);
        directory.hold();
        return new IncrementalSnapshot<>(head, prepared, place, () -> {
            increments.uploaded().ended(checkpointId);
            directory.release();
        });
    }

    private Path place(long checkpointId) throws IOException {
        Path parent = localRecovery.isLocalBackupEnabled()
                ? Files.createDirectories(localRecovery
                        .getLocalStateDirectoryProvider()
                        .orElseThrow(LocalRecoveryConfig.localRecoveryNotEnabled())
                        .subtaskSpecificCheckpointDirectory(checkpointId)
                        .toPath())
                : directory.snapshots();
        return parent.resolve("keybed-" + checkpointId + "-" + UUID.randomUUID());
    }

    @Override
    public SnapshotResultSupplier<KeyedStateHandle> asyncSnapshot(
            IncrementalSnapshot<K> snapshot,
            long checkpointId,
            long timestamp,
            CheckpointStreamFactory streams,
            CheckpointOptions options) {
        if (snapshot.isEmpty()) {
            return closeables -> SnapshotResult.empty();
        }
        return new IncrementalWriter<>(
                increments,
                snapshot,
                checkpointId,
                options.getCheckpointType().getSharingFilesStrategy(),
                streams,
                localRecovery,
                transfers);
    }
}
