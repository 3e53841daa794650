// What does it cost to overwrite the value of a random key?
package dev.keybed.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.RocksDBException;

/** Put of a key that has a value. */
public class PutBenchmark extends ValueSides {
    /** Bytes of a value. */
    @Param({"8", "100", "1000"})
    public int valueSize;

    private long number;

    /** Loads both sides, writes with each method, and compares. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        openValues(Settings.forWriting(), valueSize);
        load();
        requireSameValues();
        Check.sameResults(keys, this::keybed, this::rocksdbjniBytes);
        requireSameValues();
        number = 1;
        Check.sameResults(keys, this::keybed, this::rocksdbjniDirect);
        requireSameValues();
        flush();
    }

    /**
     * Old versions stay in the memtable until it is flushed. Flushed between iterations, it begins each of them empty,
     * and no flush takes the processor meanwhile.
     */
    @Override
    void tidyUp() throws RocksDBException {
        flush();
    }

    @Benchmark
    public long keybed() {
        int key = keys.next();
        ours.setKey(key);
        values.write(number + key, ours.session.value());
        state.put();
        return key;
    }

    @Benchmark
    public long rocksdbjniBytes() throws RocksDBException {
        int key = keys.next();
        peer.db.put(peer.family, peer.write, arrayKey.of(key), values.write(number + key, arrayValue));
        return key;
    }

    @Benchmark
    public long rocksdbjniDirect() throws RocksDBException {
        int key = keys.next();
        peer.db.put(peer.family, peer.write, directKey.of(key), values.write(number + key, directValue));
        return key;
    }
}
