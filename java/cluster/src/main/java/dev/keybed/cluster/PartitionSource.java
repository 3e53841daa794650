package dev.keybed.cluster;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** {@link Input} as a source, of any parallelism. */
final class PartitionSource implements Source<Event, PartitionSplit, List<PartitionSplit>> {
    private static final long serialVersionUID = 1L;

    private final String markDirectory;
    /** Of a partition. */
    private final int eventsPerSecond;

    PartitionSource(String markDirectory, int eventsPerSecond) {
        this.markDirectory = markDirectory;
        this.eventsPerSecond = eventsPerSecond;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<Event, PartitionSplit> createReader(SourceReaderContext context) {
        return new PartitionReader(new Mark(markDirectory), eventsPerSecond);
    }

    @Override
    public SplitEnumerator<PartitionSplit, List<PartitionSplit>> createEnumerator(
            SplitEnumeratorContext<PartitionSplit> context) {
        List<PartitionSplit> all = IntStream.range(0, Input.PARTITIONS)
                .mapToObj(partition -> new PartitionSplit(partition, 0))
                .toList();
        return new PartitionEnumerator(context, all);
    }

    @Override
    public SplitEnumerator<PartitionSplit, List<PartitionSplit>> restoreEnumerator(
            SplitEnumeratorContext<PartitionSplit> context, List<PartitionSplit> unassigned) {
        return new PartitionEnumerator(context, unassigned);
    }

    @Override
    public SimpleVersionedSerializer<PartitionSplit> getSplitSerializer() {
        return new PartitionSplit.Serializer();
    }

    @Override
    public SimpleVersionedSerializer<List<PartitionSplit>> getEnumeratorCheckpointSerializer() {
        return new PartitionEnumerator.Serializer();
    }
}
