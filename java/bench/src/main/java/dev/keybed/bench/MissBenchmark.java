// What does it cost to learn that a random key has no value, in a memtable full of other keys?
package dev.keybed.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Get of a key that has no value. */
public class MissBenchmark extends ValueSides {
    /** Bytes of the other keys' values; they spread the memtable, nothing else. */
    @Param("100")
    public int valueSize;

    /** Loads both sides and compares them. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        openValues(Settings.inMemtable(), valueSize);
        load();
        requireSameValues();
        Check.sameResults(
                keys,
                () -> 1,
                this::keybedResult,
                () -> rocksdbjniBytes() == null ? 1 : 0,
                () -> rocksdbjniPreallocated() == RocksDB.NOT_FOUND ? 1 : 0,
                () -> rocksdbjniDirect() == RocksDB.NOT_FOUND ? 1 : 0);
    }

    private long keybedResult() {
        return keybed() == null ? 1 : 0;
    }

    @Benchmark
    public Object keybed() {
        ours.setKey(Keys.absent(keys.next()));
        return state.get();
    }

    @Benchmark
    public byte[] rocksdbjniBytes() throws RocksDBException {
        return peer.db.get(peer.family, peer.read, arrayKey.of(Keys.absent(keys.next())));
    }

    @Benchmark
    public int rocksdbjniPreallocated() throws RocksDBException {
        return peer.db.get(peer.family, peer.read, arrayKey.of(Keys.absent(keys.next())), arrayValue);
    }

    @Benchmark
    public int rocksdbjniDirect() throws RocksDBException {
        return peer.db.get(peer.family, peer.read, directKey.of(Keys.absent(keys.next())), directValue.clear());
    }
}
