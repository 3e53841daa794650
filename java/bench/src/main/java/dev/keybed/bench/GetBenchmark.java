// What does it cost to read the value of a random key that is there, until a long of it is in Java's hands?
package dev.keybed.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.RocksDBException;

/** Get of a key that has a value. */
public class GetBenchmark extends ValueSides {
    /** Bytes of a value. */
    @Param({"8", "100", "1000"})
    public int valueSize;

    /** Where the data lies: {@code memtable}, or {@code sst} = in a file whose blocks are in the block cache. */
    @Param("memtable")
    public String placement;

    /** Loads both sides and compares them. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        boolean inFile = placement.equals("sst");
        openValues(inFile ? Settings.inBlockCache() : Settings.inMemtable(), valueSize);
        load();
        if (inFile) {
            flush();
        }
        requireSameValues();
        Check.sameResults(
                keys, this::keybed, this::rocksdbjniBytes, this::rocksdbjniPreallocated, this::rocksdbjniDirect);
    }

    @Benchmark
    public long keybed() {
        ours.setKey(keys.next());
        return state.get().readLong();
    }

    @Benchmark
    public long rocksdbjniBytes() throws RocksDBException {
        return ArrayKey.firstLong(peer.db.get(peer.family, peer.read, arrayKey.of(keys.next())));
    }

    @Benchmark
    public long rocksdbjniPreallocated() throws RocksDBException {
        peer.db.get(peer.family, peer.read, arrayKey.of(keys.next()), arrayValue);
        return ArrayKey.firstLong(arrayValue);
    }

    @Benchmark
    public long rocksdbjniDirect() throws RocksDBException {
        peer.db.get(peer.family, peer.read, directKey.of(keys.next()), directValue.clear());
        return directValue.getLong(0);
    }
}
