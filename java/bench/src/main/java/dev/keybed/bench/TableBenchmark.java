// What does keyed state outside the heap cost beside a HashMap on it?
package dev.keybed.bench;

import dev.keybed.Engine;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Get, put and add of longs by longs, in the engine TABLE and in a {@link java.util.HashMap}. */
public class TableBenchmark extends LongsBenchmark {
    /** How many entries there are. */
    @Param({"10000", "1000000", "10000000"})
    public int entries;

    /** How entries are chosen. */
    @Param({"uniform", "zipf"})
    public String access;

    private LongStore ours;
    private HashMapSide map;
    private long number;

    /** Loads the side that is measured. */
    @Setup(Level.Trial)
    public void setUp(BenchmarkParams benchmark) {
        if (Side.ofBenchmark(benchmark.getBenchmark()) == Side.KEYBED) {
            ours = open(new LongStore(Engine.TABLE), entries, access);
        } else {
            map = open(new HashMapSide(), entries, access);
        }
    }

    @Benchmark
    public long keybedGet() {
        return ours.get(keys.next());
    }

    @Benchmark
    public long hashMapGet() {
        return map.get(keys.next());
    }

    @Benchmark
    public void keybedPut() {
        ours.put(keys.next(), number++);
    }

    @Benchmark
    public void hashMapPut() {
        map.put(keys.next(), number++);
    }

    @Benchmark
    public long keybedAdd() {
        return ours.add(keys.next(), 1);
    }

    @Benchmark
    public long hashMapAdd() {
        return map.add(keys.next(), 1);
    }
}
