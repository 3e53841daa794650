// What does it cost to overwrite the values of 100 random keys in one write batch?
package dev.keybed.bench;

import dev.keybed.WriteBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.RocksDBException;

/** Write batch; an operation is 100 puts and the commit. */
public class BatchBenchmark extends ValueSides {
    private static final int PUTS = 100;

    /** Bytes of a value. */
    @Param({"8", "100", "1000"})
    public int valueSize;

    private long number;
    private WriteBatch batch;
    private org.rocksdb.WriteBatch peerBatch;

    /** Loads both sides, writes with each method, and compares. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        openValues(Settings.forWriting(), valueSize);
        batch = ours.session.newWriteBatch();
        peerBatch = new org.rocksdb.WriteBatch();
        load();
        Check.sameResults(keys, this::keybed, this::rocksdbjniBytes);
        requireSameValues();
        number = 1;
        Check.sameResults(keys, this::keybed, this::rocksdbjniDirect);
        requireSameValues();
        flush();
    }

    /** See {@link PutBenchmark#tidyUp}. */
    @Override
    void tidyUp() throws RocksDBException {
        flush();
    }

    @Override
    void closeOwn() {
        batch.close();
        peerBatch.close();
    }

    @Benchmark
    public long keybed() {
        for (int i = 0; i < PUTS; i++) {
            int key = keys.next();
            ours.setKey(key);
            values.write(number + key, ours.session.value());
            batch.put(state);
        }
        return batch.commit();
    }

    @Benchmark
    public long rocksdbjniBytes() throws RocksDBException {
        for (int i = 0; i < PUTS; i++) {
            int key = keys.next();
            peerBatch.put(peer.family, arrayKey.of(key), values.write(number + key, arrayValue));
        }
        return write();
    }

    @Benchmark
    public long rocksdbjniDirect() throws RocksDBException {
        for (int i = 0; i < PUTS; i++) {
            int key = keys.next();
            peerBatch.put(peer.family, directKey.of(key), values.write(number + key, directValue));
        }
        return write();
    }

    private long write() throws RocksDBException {
        peer.db.write(peer.write, peerBatch);
        peerBatch.clear();
        return PUTS;
    }
}
