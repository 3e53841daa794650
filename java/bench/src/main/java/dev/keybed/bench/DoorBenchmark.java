// What does the way between Java and native code cost by itself, when there is next to nothing to do behind it?
package dev.keybed.bench;

import dev.keybed.WriteBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Three doors: a call that only reaches its object (clearing an empty batch), a put into a batch that is thrown away
 * (key and value go in, no database), and a get from an empty column family (the least that RocksDB ever does for one).
 */
public class DoorBenchmark extends ValueSides {
    private static final int VALUE_BYTES = 100;
    private static final int PUTS = 100;

    private WriteBatch batch;
    private org.rocksdb.WriteBatch peerBatch;

    /** Both sides stay empty. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        openValues(Settings.inMemtable(), VALUE_BYTES);
        batch = ours.session.newWriteBatch();
        peerBatch = new org.rocksdb.WriteBatch();
        Check.sameResults(
                keys,
                () -> 1,
                () -> keybedEmptyGet() == null ? 1 : 0,
                () -> rocksdbjniBytesEmptyGet() == null ? 1 : 0,
                () -> rocksdbjniDirectEmptyGet() == RocksDB.NOT_FOUND ? 1 : 0);
        Check.sameResults(
                keys, () -> PUTS, this::keybedBatchPut, this::rocksdbjniBytesBatchPut, this::rocksdbjniDirectBatchPut);
    }

    @Override
    void closeOwn() {
        batch.close();
        peerBatch.close();
    }

    @Benchmark
    public void keybedBareCall() {
        batch.clear();
    }

    @Benchmark
    public void rocksdbjniBytesBareCall() {
        peerBatch.clear();
    }

    @Benchmark
    @OperationsPerInvocation(PUTS)
    public long keybedBatchPut() {
        for (int i = 0; i < PUTS; i++) {
            int key = keys.next();
            ours.setKey(key);
            values.write(key, ours.session.value());
            batch.put(state);
        }
        long puts = batch.size();
        batch.clear();
        return puts;
    }

    @Benchmark
    @OperationsPerInvocation(PUTS)
    public long rocksdbjniBytesBatchPut() throws RocksDBException {
        for (int i = 0; i < PUTS; i++) {
            int key = keys.next();
            peerBatch.put(peer.family, arrayKey.of(key), values.write(key, arrayValue));
        }
        long puts = peerBatch.count();
        peerBatch.clear();
        return puts;
    }

    @Benchmark
    @OperationsPerInvocation(PUTS)
    public long rocksdbjniDirectBatchPut() throws RocksDBException {
        for (int i = 0; i < PUTS; i++) {
            int key = keys.next();
            peerBatch.put(peer.family, directKey.of(key), values.write(key, directValue));
        }
        long puts = peerBatch.count();
        peerBatch.clear();
        return puts;
    }

    @Benchmark
    public Object keybedEmptyGet() {
        ours.setKey(keys.next());
        return state.get();
    }

    @Benchmark
    public byte[] rocksdbjniBytesEmptyGet() throws RocksDBException {
        return peer.db.get(peer.family, peer.read, arrayKey.of(keys.next()));
    }

    @Benchmark
    public int rocksdbjniDirectEmptyGet() throws RocksDBException {
        return peer.db.get(peer.family, peer.read, directKey.of(keys.next()), directValue.clear());
    }
}
