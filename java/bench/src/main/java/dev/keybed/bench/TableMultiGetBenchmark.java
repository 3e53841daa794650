// What does it cost to read the numbers of 64 random keys at a time, and one by one?
package dev.keybed.bench;

import dev.keybed.Engine;
import dev.keybed.MultiGet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Multi-get in the engine TABLE beside single gets; an operation is all 64 keys. */
public class TableMultiGetBenchmark extends LongsBenchmark {
    private static final int KEYS = 64;

    /** How many entries there are: far more than the processor's cache holds. */
    @Param("10000000")
    public int entries;

    private LongStore ours;
    private MultiGet multiGet;

    /** Loads the store; both ways must give the same. */
    @Setup(Level.Trial)
    public void setUp() {
        ours = open(new LongStore(Engine.TABLE), entries, "uniform");
        multiGet = ours.newMultiGet();
        Access again = new Access(entries, "uniform");
        for (int i = 0; i < Check.CALLS; i++) {
            long expected = sumOfGets(again);
            long found = keybed();
            if (found != expected) {
                throw new IllegalStateException("call %d: multi-get gives %d, gets %d".formatted(i, found, expected));
            }
        }
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
    public long singleGets() {
        return sumOfGets(keys);
    }

    private long sumOfGets(Access keys) {
        long sum = 0;
        for (int i = 0; i < KEYS; i++) {
            sum += ours.get(keys.next());
        }
        return sum;
    }
}
