// What does it cost to read the values of 64 random keys at a time?
package dev.keybed.bench;

import dev.keybed.MultiGet;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;

/** Multi-get; an operation is all 64 keys. */
public class MultiGetBenchmark extends ValueSides {
    private static final int KEYS = 64;

    /** Bytes of a value. */
    @Param({"8", "100", "1000"})
    public int valueSize;

    private MultiGet multiGet;
    private List<ColumnFamilyHandle> family;
    /** The array API wants it as often as there are keys. */
    private List<ColumnFamilyHandle> families;

    private ArrayKey[] arrayKeys;
    private List<byte[]> arrayKeyList;
    private List<ByteBuffer> directKeyList;
    private List<ByteBuffer> directValueList;

    /** Loads both sides and compares them. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        openValues(Settings.inMemtable(), valueSize);
        load();
        requireSameValues();
        multiGet = state.newMultiGet();
        family = List.of(peer.family);
        families = Collections.nCopies(KEYS, peer.family);
        arrayKeys = Stream.generate(ArrayKey::new).limit(KEYS).toArray(ArrayKey[]::new);
        arrayKeyList = Stream.of(arrayKeys).map(key -> key.of(0)).toList();
        directKeyList = directBuffers(Keys.COMPOSITE_BYTES);
        directValueList = directBuffers(valueSize);
        Check.sameResults(keys, this::sumOfGets, this::keybed, this::rocksdbjniBytes, this::rocksdbjniDirect);
    }

    private static List<ByteBuffer> directBuffers(int size) {
        return Stream.generate(() -> ByteBuffer.allocateDirect(size)).limit(KEYS).toList();
    }

    /** What each method must give. */
    private long sumOfGets() {
        long sum = 0;
        for (int i = 0; i < KEYS; i++) {
            ours.setKey(keys.next());
            sum += state.get().readLong();
        }
        return sum;
    }

    @Override
    void closeOwn() {
        multiGet.close();
    }

    @Benchmark
    public long keybed() {
        multiGet.clear();
        for (int i = 0; i < KEYS; i++) {
            ours.setKey(keys.next());
            multiGet.add();
        }
        multiGet.execute();
        long sum = 0;
        for (int i = 0; i < KEYS; i++) {
            sum += multiGet.value(i).readLong();
        }
        return sum;
    }

    @Benchmark
    public long rocksdbjniBytes() throws RocksDBException {
        for (int i = 0; i < KEYS; i++) {
            arrayKeys[i].of(keys.next());
        }
        List<byte[]> found = peer.db.multiGetAsList(peer.read, families, arrayKeyList);
        long sum = 0;
        for (int i = 0; i < KEYS; i++) {
            sum += ArrayKey.firstLong(found.get(i));
        }
        return sum;
    }

    @Benchmark
    public long rocksdbjniDirect() throws RocksDBException {
        for (int i = 0; i < KEYS; i++) {
            DirectKey.write(keys.next(), directKeyList.get(i));
            directValueList.get(i).clear();
        }
        List<ByteBufferGetStatus> found =
                peer.db.multiGetByteBuffers(peer.read, family, directKeyList, directValueList);
        long sum = 0;
        for (int i = 0; i < KEYS; i++) {
            sum += found.get(i).value.getLong(0);
        }
        return sum;
    }
}
