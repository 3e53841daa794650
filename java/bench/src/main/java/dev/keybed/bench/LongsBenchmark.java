package dev.keybed.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the benchmarks of longs by longs have in common. A fork opens the side that it measures and no other: ten million
 * boxed numbers on the heap would be in the garbage collector's way all the same.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
// A heap that never grows, with room for ten million entries and for what is boxed in an iteration.
@Fork(value = 1, jvmArgsAppend = {"-Xms6g", "-Xmx6g"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public abstract class LongsBenchmark {
    Access keys;

    private LongMap side;

    /** Loads a side and checks it. */
    final <M extends LongMap> M open(M side, int entries, String distribution) {
        this.side = side;
        side.load(entries);
        side.requireLoaded(entries);
        keys = new Access(entries, distribution);
        return side;
    }

    /** For the {@link MeasuredThread} profiler. */
    @Setup(Level.Iteration)
    public final void startIteration() {
        MeasuredThread.start();
    }

    /** For the {@link MeasuredThread} profiler; then what a benchmark has to tidy up. */
    @TearDown(Level.Iteration)
    public final void endIteration() {
        MeasuredThread.stop();
        tidyUp();
    }

    /** Runs between iterations, not measured. */
    void tidyUp() {}

    /** Closes the side. */
    @TearDown(Level.Trial)
    public final void close() {
        closeOwn();
        side.close();
    }

    /** Closes what belongs to a benchmark alone. */
    void closeOwn() {}
}
