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
import org.rocksdb.RocksDBException;

/**
 * What the benchmarks have in common: both databases, open in the same process, and how JMH measures. Both are open in
 * every fork because the set-up compares them; only one of them is used while it is measured.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
// A heap that never grows: growing would be measured too. Forks also inherit the arguments of the JVM that starts them.
@Fork(value = 1, jvmArgsAppend = {"-Xms2g", "-Xmx2g"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public abstract class SideBySide {
    KeybedSide ours;
    RocksdbjniSide peer;

    final void open(Settings settings) throws RocksDBException {
        ours = new KeybedSide(settings);
        peer = new RocksdbjniSide(settings);
    }

    /** Once the state exists: before that our database lacks its column family. */
    final void requireSameOptions() {
        OptionsFiles.requireSame(ours.directory(), peer.directory());
    }

    final void flush() throws RocksDBException {
        ours.flush();
        peer.flush();
    }

    /** For the {@link MeasuredThread} profiler. */
    @Setup(Level.Iteration)
    public final void startIteration() {
        MeasuredThread.start();
    }

    /** For the {@link MeasuredThread} profiler; then what a benchmark has to tidy up. */
    @TearDown(Level.Iteration)
    public final void endIteration() throws RocksDBException {
        MeasuredThread.stop();
        tidyUp();
    }

    /** Runs between iterations, not measured. */
    void tidyUp() throws RocksDBException {}

    /** Closes both, after what a benchmark has made with them. */
    @TearDown(Level.Trial)
    public final void close() {
        closeOwn();
        peer.close();
        ours.close();
    }

    /** Closes what belongs to a benchmark alone. */
    void closeOwn() {}
}
