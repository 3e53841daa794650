package dev.keybed.flink;

import java.io.IOException;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.CheckpointStreamWithResultProvider;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy.SnapshotResultSupplier;
import org.apache.flink.runtime.state.StateUtil;
import org.apache.flink.util.function.SupplierWithException;

/** Writes a full snapshot to a stream in the {@link NativeFormat}, on a thread that is not the task's. */
final class FullSnapshotWriter<K> implements SnapshotResultSupplier<KeyedStateHandle> {
    private final FullSnapshot<K> snapshot;
    private final SupplierWithException<CheckpointStreamWithResultProvider, Exception> streams;

    FullSnapshotWriter(
            FullSnapshot<K> snapshot, SupplierWithException<CheckpointStreamWithResultProvider, Exception> streams) {
        this.snapshot = snapshot;
        this.streams = streams;
    }

    @Override
    public SnapshotResult<KeyedStateHandle> get(CloseableRegistry closeables) throws Exception {
        KeyGroupRangeOffsets offsets = new KeyGroupRangeOffsets(snapshot.getKeyGroupRange());
        CheckpointStreamWithResultProvider stream = streams.get();
        closeables.registerCloseable(stream);
        new NativeWriter(snapshot).write(stream.getCheckpointOutputStream(), offsets);
        if (!closeables.unregisterCloseable(stream)) {
            throw new IOException("Stream is already unregistered/closed.");
        }
        SnapshotResult<KeyedStateHandle> result = CheckpointStreamWithResultProvider.toKeyedStateHandleSnapshotResult(
                stream.closeAndFinalizeCheckpointStreamResult(), offsets, KeyGroupsStateHandle::new);
        snapshot.written(() -> StateUtil.discardStateObjectQuietly(result));
        return result;
    }
}
