package dev.keybed.flink;

import java.util.function.Supplier;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointStreamWithResultProvider;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.FullSnapshotAsyncWriter;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy;
import org.apache.flink.util.function.SupplierWithException;

/**
 * Checkpoints that are not incremental, and native savepoints: full snapshots, in the {@link NativeFormat}; in the canonical one
 * if the state's time to live is to be cleaned up, which means looking at each entry. With local recovery, a second copy on the task's machine.
 */
final class FullSnapshotStrategy<K> implements SnapshotStrategy<KeyedStateHandle, FullSnapshot<K>> {
    private final Supplier<FullSnapshot<K>> snapshots;
    private final LocalRecoveryConfig localRecovery;

    FullSnapshotStrategy(Supplier<FullSnapshot<K>> snapshots, LocalRecoveryConfig localRecovery) {
        this.snapshots = snapshots;
        this.localRecovery = localRecovery;
    }

    @Override
    public FullSnapshot<K> syncPrepareResources(long checkpointId) {
        return snapshots.get();
    }

    @Override
    public SnapshotResultSupplier<KeyedStateHandle> asyncSnapshot(
            FullSnapshot<K> snapshot,
            long checkpointId,
            long timestamp,
            CheckpointStreamFactory streams,
            CheckpointOptions options) {
        if (snapshot.getMetaInfoSnapshots().isEmpty()) {
            return closeables -> SnapshotResult.empty();
        }
        SupplierWithException<CheckpointStreamWithResultProvider, Exception> stream = () ->
                localRecovery.isLocalBackupEnabled() && !options.getCheckpointType().isSavepoint()
                        ? CheckpointStreamWithResultProvider.createDuplicatingStream(
                                checkpointId,
                                CheckpointedStateScope.EXCLUSIVE,
                                streams,
                                localRecovery
                                        .getLocalStateDirectoryProvider()
                                        .orElseThrow(LocalRecoveryConfig.localRecoveryNotEnabled()))
                        : CheckpointStreamWithResultProvider.createSimpleStream(
                                CheckpointedStateScope.EXCLUSIVE, streams);
        return snapshot.isTransformed()
                ? new FullSnapshotAsyncWriter<>(options.getCheckpointType(), stream, snapshot)
                : new FullSnapshotWriter<>(snapshot, stream);
    }
}
