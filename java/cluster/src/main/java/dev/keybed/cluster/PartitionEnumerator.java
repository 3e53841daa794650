package dev.keybed.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Gives each reader, when it comes, its share of the partitions that no reader has. */
final class PartitionEnumerator implements SplitEnumerator<PartitionSplit, List<PartitionSplit>> {
    private final SplitEnumeratorContext<PartitionSplit> context;
    private final List<PartitionSplit> unassigned;

    PartitionEnumerator(SplitEnumeratorContext<PartitionSplit> context, Collection<PartitionSplit> unassigned) {
        this.context = context;
        this.unassigned = new ArrayList<>(unassigned);
    }

    @Override
    public void start() {}

    @Override
    public void addReader(int subtask) {
        for (PartitionSplit split : List.copyOf(unassigned)) {
            if (split.partition() % context.currentParallelism() == subtask) {
                unassigned.remove(split);
                context.assignSplit(split, subtask);
            }
        }
        context.signalNoMoreSplits(subtask);
    }

    @Override
    public void addSplitsBack(List<PartitionSplit> splits, int subtask) {
        unassigned.addAll(splits);
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public List<PartitionSplit> snapshotState(long checkpointId) {
        return List.copyOf(unassigned);
    }

    @Override
    public void close() {}

    /** The splits that no reader has. */
    static final class Serializer implements SimpleVersionedSerializer<List<PartitionSplit>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(List<PartitionSplit> splits) {
            ByteBuffer buffer = ByteBuffer.allocate(8 * splits.size());
            splits.forEach(split -> buffer.putInt(split.partition()).putInt(split.next()));
            return buffer.array();
        }

        @Override
        public List<PartitionSplit> deserialize(int version, byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            List<PartitionSplit> splits = new ArrayList<>();
            while (buffer.hasRemaining()) {
                splits.add(new PartitionSplit(buffer.getInt(), buffer.getInt()));
            }
            return splits;
        }
    }
}
