package dev.keybed.flink;

import dev.keybed.Compression;
import dev.keybed.SnapshotOptions;
import dev.keybed.SnapshotStream;
import dev.keybed.flink.FullSnapshot.QueueInSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointStreamWithResultProvider;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy.SnapshotResultSupplier;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.util.function.SupplierWithException;

/** Writes a snapshot in the {@link NativeFormat}, on a thread that is not the task's. */
final class NativeWriter<K> implements SnapshotResultSupplier<KeyedStateHandle> {
    private final FullSnapshot<K> snapshot;
    private final SupplierWithException<CheckpointStreamWithResultProvider, Exception> streams;
    private ByteBuffer block = ByteBuffer.allocate(64 * 1024);

    NativeWriter(
            FullSnapshot<K> snapshot, SupplierWithException<CheckpointStreamWithResultProvider, Exception> streams) {
        this.snapshot = snapshot;
        this.streams = streams;
    }

    @Override
    public SnapshotResult<KeyedStateHandle> get(CloseableRegistry closeables) throws Exception {
        KeyGroupRangeOffsets offsets = new KeyGroupRangeOffsets(snapshot.getKeyGroupRange());
        CheckpointStreamWithResultProvider stream = streams.get();
        closeables.registerCloseable(stream);
        write(stream.getCheckpointOutputStream(), offsets);
        if (!closeables.unregisterCloseable(stream)) {
            throw new IOException("Stream is already unregistered/closed.");
        }
        return CheckpointStreamWithResultProvider.toKeyedStateHandleSnapshotResult(
                stream.closeAndFinalizeCheckpointStreamResult(), offsets, KeyGroupsStateHandle::new);
    }

    private void write(CheckpointStateOutputStream stream, KeyGroupRangeOffsets offsets) throws Exception {
        DataOutputView out = new DataOutputViewStreamWrapper(stream);
        out.writeInt(NativeFormat.MAGIC);
        new KeyedBackendSerializationProxy<>(snapshot.getKeySerializer(), snapshot.getMetaInfoSnapshots(), isCompressed())
                .write(out);
        for (KeyGroupRange section : NativeFormat.sections(snapshot.getKeyGroupRange())) {
            for (int group : section) {
                offsets.setKeyGroupOffset(group, stream.getPos());
            }
            if (snapshot.snapshot() != null) {
                writeBlocks(section, out);
            }
            out.writeInt(NativeFormat.END_OF_BLOCKS);
            for (QueueInSnapshot<?> queue : snapshot.queues()) {
                writeTimers(queue, section, out);
            }
        }
    }

    private boolean isCompressed() {
        return snapshot.getStreamCompressionDecorator() != UncompressedStreamCompressionDecorator.INSTANCE;
    }

    private void writeBlocks(KeyGroupRange section, DataOutputView out) throws IOException, InterruptedException {
        SnapshotOptions options = SnapshotOptions.builder()
                .keyGroups(new dev.keybed.KeyGroupRange(section.getStartKeyGroup(), section.getEndKeyGroup()))
                .compression(isCompressed() ? Compression.LZ4 : Compression.NONE)
                .releaseKeyGroups(true)
                .build();
        try (SnapshotStream blocks = snapshot.snapshot().stream(options)) {
            for (int length = next(blocks); length != SnapshotStream.END; length = next(blocks)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedException("The snapshot was interrupted.");
                }
                out.writeInt(length);
                out.write(block.array(), 0, length);
            }
        }
    }

    private int next(SnapshotStream blocks) {
        int length = blocks.next(block.clear());
        if (length == 0) {
            block = ByteBuffer.allocate(blocks.needed());
            length = blocks.next(block);
        }
        return length;
    }

    private static <T> void writeTimers(QueueInSnapshot<T> queue, KeyGroupRange section, DataOutputView out)
            throws IOException {
        for (int group : section) {
            List<T> timers = new ArrayList<>();
            for (Iterator<T> all = queue.iterator(group); all.hasNext(); ) {
                timers.add(all.next());
            }
            if (!timers.isEmpty()) {
                out.writeShort(group);
                out.writeInt(timers.size());
                for (T timer : timers) {
                    queue.serializer().serialize(timer, out);
                }
            }
        }
        out.writeShort(NativeFormat.END_OF_TIMERS);
    }
}
