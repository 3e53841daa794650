// What do the two engines cost beside each other, when all state fits in memory?
package dev.keybed.bench;

import dev.keybed.Engine;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Get and put of longs by longs, in the engine TABLE and in the engine ROCKS. */
public class EngineBenchmark extends LongsBenchmark {
    /** How many entries there are. */
    @Param("1000000")
    public int entries;

    private LongStore ours;
    private boolean fillsMemtable;
    private long number;

    /** Loads a store of the engine that is measured. */
    @Setup(Level.Trial)
    public void setUp(BenchmarkParams benchmark) {
        Engine engine = Side.ofBenchmark(benchmark.getBenchmark()) == Side.KEYBED ? Engine.TABLE : Engine.ROCKS;
        ours = open(new LongStore(engine), entries, "uniform");
        fillsMemtable = engine == Engine.ROCKS && benchmark.getBenchmark().endsWith("Put");
        tidyUp();
    }

    /** RocksDB's memtable keeps old versions; as in {@link PutBenchmark}, each iteration of puts begins with an empty one. */
    @Override
    void tidyUp() {
        if (fillsMemtable) {
            ours.flush();
        }
    }

    @Benchmark
    public long keybedGet() {
        return ours.get(keys.next());
    }

    @Benchmark
    public long onRocksGet() {
        return ours.get(keys.next());
    }

    @Benchmark
    public void keybedPut() {
        ours.put(keys.next(), number++);
    }

    @Benchmark
    public void onRocksPut() {
        ours.put(keys.next(), number++);
    }
}
