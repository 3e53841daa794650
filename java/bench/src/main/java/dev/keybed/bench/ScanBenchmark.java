// What does it cost to read all 100 entries of a random map, a long of each map key and of each value?
package dev.keybed.bench;

import dev.keybed.EntryCursor;
import dev.keybed.MapState;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.DirectSlice;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Scan of one map; an operation is a whole map. */
public class ScanBenchmark extends SideBySide {
    private static final int ENTRIES = 100;
    private static final int MAPS = Keys.COUNT / ENTRIES;
    private static final int ENTRY_KEY_BYTES = Keys.COMPOSITE_BYTES + Long.BYTES;

    /** Bytes of a value. */
    @Param({"8", "100", "1000"})
    public int valueSize;

    /** Where the data lies, see {@link GetBenchmark#placement}. In a file the entries of a map lie side by side. */
    @Param({"memtable", "sst"})
    public String placement;

    private MapState state;
    private RandomKeys maps;

    private ArrayKey arrayKey;
    private DirectKey directKey;
    private ByteBuffer directEntryKey;
    private ByteBuffer directValue;

    /** The first key behind the map. RocksDB keeps its address, so overwriting the buffer moves the bound. */
    private ByteBuffer boundBytes;
    private DirectSlice bound;
    private ReadOptions bounded;

    /** Loads both sides and compares them. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        boolean inFile = placement.equals("sst");
        open(inFile ? Settings.inBlockCache() : Settings.inMemtable());
        state = ours.session.mapState(KeybedSide.STATE, KeybedSide.NAMESPACE);
        requireSameOptions();
        maps = new RandomKeys(MAPS);
        arrayKey = new ArrayKey();
        directKey = new DirectKey();
        directEntryKey = ByteBuffer.allocateDirect(ENTRY_KEY_BYTES);
        directValue = ByteBuffer.allocateDirect(valueSize);
        boundBytes = ByteBuffer.allocateDirect(Keys.COMPOSITE_BYTES);
        bound = new DirectSlice(boundBytes, Keys.COMPOSITE_BYTES);
        bounded = new ReadOptions().setIterateUpperBound(bound);
        load();
        if (inFile) {
            flush();
        }
        Check.sameResults(maps, this::sumOfAll, this::keybed, this::rocksdbjniBytes, this::rocksdbjniDirect);
    }

    /** Entries of all maps in turn, as a job would meet them, so that a map is not one piece of memory. */
    private void load() throws RocksDBException {
        Values values = new Values(valueSize);
        byte[] value = new byte[valueSize];
        byte[] entryKey = new byte[ENTRY_KEY_BYTES];
        for (int entry = 0; entry < ENTRIES; entry++) {
            for (int map = 0; map < MAPS; map++) {
                ours.setKey(map);
                ours.session.setMapKey(entry);
                values.write(number(map, entry), ours.session.value());
                state.put();
                System.arraycopy(arrayKey.of(map), 0, entryKey, 0, Keys.COMPOSITE_BYTES);
                ArrayKey.LONG.set(entryKey, Keys.COMPOSITE_BYTES, (long) entry);
                peer.db.put(peer.family, peer.write, entryKey, values.write(number(map, entry), value));
            }
        }
    }

    private static long number(int map, int entry) {
        return (map + 1) * 0x9E3779B97F4A7C15L + entry;
    }

    /** What each method must give. */
    private long sumOfAll() {
        int map = maps.next();
        long sum = 0;
        for (int entry = 0; entry < ENTRIES; entry++) {
            sum += entry + number(map, entry);
        }
        return sum;
    }

    @Override
    void closeOwn() {
        bounded.close();
        bound.close();
    }

    @Benchmark
    public long keybed() {
        ours.setKey(maps.next());
        long sum = 0;
        try (EntryCursor entries = state.scan()) {
            while (entries.next()) {
                sum += entries.key().readLong() + entries.value().readLong();
            }
        }
        return sum;
    }

    @Benchmark
    public long rocksdbjniBytes() throws RocksDBException {
        long key = maps.next();
        setBound(key);
        long sum = 0;
        try (RocksIterator entries = peer.db.newIterator(peer.family, bounded)) {
            for (entries.seek(arrayKey.of(key)); entries.isValid(); entries.next()) {
                long entryKey = (long) ArrayKey.LONG.get(entries.key(), Keys.COMPOSITE_BYTES);
                sum += entryKey + ArrayKey.firstLong(entries.value());
            }
            entries.status();
        }
        return sum;
    }

    @Benchmark
    public long rocksdbjniDirect() throws RocksDBException {
        long key = maps.next();
        setBound(key);
        long sum = 0;
        try (RocksIterator entries = peer.db.newIterator(peer.family, bounded)) {
            for (entries.seek(directKey.of(key)); entries.isValid(); entries.next()) {
                entries.key(directEntryKey.clear());
                entries.value(directValue.clear());
                sum += directEntryKey.getLong(Keys.COMPOSITE_BYTES) + directValue.getLong(0);
            }
            entries.status();
        }
        return sum;
    }

    private void setBound(long key) {
        DirectKey.write(key, boundBytes).put(Keys.NAMESPACE_AT, (byte) (Keys.NAMESPACE + 1));
    }
}
