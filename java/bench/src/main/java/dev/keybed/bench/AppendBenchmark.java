// What does it cost to append an element of 8 bytes to the list of a random key?
package dev.keybed.bench;

import dev.keybed.DirectInput;
import dev.keybed.ListState;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.rocksdb.RocksDBException;

/** Append to a list: a merge, on both sides. */
public class AppendBenchmark extends SideBySide {
    /** A list of so many elements is overwritten by the next one, so that none grows without bound. */
    private static final byte LONGEST = 100;

    private ListState state;
    private RandomKeys keys;
    private Values elements;
    private byte[] lengths;

    private ArrayKey arrayKey;
    private byte[] arrayElement;
    private DirectKey directKey;
    private ByteBuffer directElement;

    /** Appends with each method and compares. */
    @Setup(Level.Trial)
    public void setUp() throws RocksDBException {
        open(Settings.forWriting());
        state = ours.session.listState(KeybedSide.STATE, KeybedSide.NAMESPACE);
        requireSameOptions();
        elements = new Values(Long.BYTES);
        arrayKey = new ArrayKey();
        arrayElement = new byte[Long.BYTES];
        directKey = new DirectKey();
        directElement = ByteBuffer.allocateDirect(Long.BYTES);

        // Few keys, many appends: some lists grow to their end and begin anew.
        useKeys(4);
        requireSame(this::rocksdbjniBytes);
        requireSame(this::rocksdbjniDirect);
        useKeys(Keys.COUNT);
        flush();
    }

    private void useKeys(int count) {
        keys = new RandomKeys(count);
        lengths = new byte[count];
        startLists();
    }

    private void requireSame(Check.Method theirs) throws RocksDBException {
        startLists();
        Check.results(keys, this::keybed);
        startLists();
        Check.results(keys, theirs);
        for (int key = 0; key < lengths.length; key++) {
            ours.setKey(key);
            DirectInput list = state.get();
            byte[] ourList = list == null ? null : list.readRemaining();
            Check.same("list", key, ourList, peer.db.get(peer.family, peer.read, arrayKey.of(key)));
        }
    }

    /** The next append to any list overwrites what is there. */
    private void startLists() {
        Arrays.fill(lengths, LONGEST);
    }

    /** See {@link PutBenchmark#tidyUp}. */
    @Override
    void tidyUp() throws RocksDBException {
        flush();
    }

    /** Whether the list is overwritten instead of appended to: once in a hundred times. */
    private boolean isFull(int key) {
        if (lengths[key] < LONGEST) {
            lengths[key]++;
            return false;
        }
        lengths[key] = 1;
        return true;
    }

    @Benchmark
    public long keybed() {
        int key = keys.next();
        ours.setKey(key);
        elements.write(key, ours.session.value());
        if (isFull(key)) {
            state.put();
        } else {
            state.add();
        }
        return key;
    }

    @Benchmark
    public long rocksdbjniBytes() throws RocksDBException {
        int key = keys.next();
        byte[] element = elements.write(key, arrayElement);
        if (isFull(key)) {
            peer.db.put(peer.family, peer.write, arrayKey.of(key), element);
        } else {
            peer.db.merge(peer.family, peer.write, arrayKey.of(key), element);
        }
        return key;
    }

    @Benchmark
    public long rocksdbjniDirect() throws RocksDBException {
        int key = keys.next();
        ByteBuffer element = elements.write(key, directElement);
        if (isFull(key)) {
            peer.db.put(peer.family, peer.write, directKey.of(key), element);
        } else {
            peer.db.merge(peer.family, peer.write, directKey.of(key), element);
        }
        return key;
    }
}
