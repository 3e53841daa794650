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
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;

/** Writes a snapshot in the {@link NativeFormat}, once. */
final class NativeWriter {
    private final FullSnapshot<?> snapshot;
    private ByteBuffer block = ByteBuffer.allocate(64 * 1024);

    NativeWriter(FullSnapshot<?> snapshot) {
        this.snapshot = snapshot;
    }

    /** @param offsets told where the key groups begin */
    void write(CheckpointStateOutputStream stream, KeyGroupRangeOffsets offsets) throws IOException, InterruptedException {
        DataOutputView out = new DataOutputViewStreamWrapper(stream);
        out.writeInt(NativeFormat.MAGIC);
        new KeyedBackendSerializationProxy<>(
                        snapshot.getKeySerializer(),
                        snapshot.getMetaInfoSnapshots(),
                        compression() != Compression.NONE)
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

    private Compression compression() {
        return FullSnapshot.compression(snapshot.getStreamCompressionDecorator());
    }

    private void writeBlocks(KeyGroupRange section, DataOutputView out) throws IOException, InterruptedException {
        SnapshotOptions options = SnapshotOptions.builder()
                .keyGroups(new dev.keybed.KeyGroupRange(section.getStartKeyGroup(), section.getEndKeyGroup()))
                .compression(compression())
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
