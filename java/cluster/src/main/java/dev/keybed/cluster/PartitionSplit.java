package dev.keybed.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A partition and the index that is sent next. */
record PartitionSplit(int partition, int next) implements SourceSplit {

    @Override
    public String splitId() {
        return Integer.toString(partition);
    }

    /** Two numbers. */
    static final class Serializer implements SimpleVersionedSerializer<PartitionSplit> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(PartitionSplit split) {
            return ByteBuffer.allocate(8).putInt(split.partition).putInt(split.next).array();
        }

        @Override
        public PartitionSplit deserialize(int version, byte[] bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new PartitionSplit(buffer.getInt(), buffer.getInt());
        }
    }
}
