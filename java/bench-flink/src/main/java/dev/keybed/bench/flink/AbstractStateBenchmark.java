package dev.keybed.bench.flink;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A state of a backend. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = {"-Xms5g", "-Xmx5g", "--add-opens=java.base/java.util=ALL-UNNAMED"})
public abstract class AbstractStateBenchmark {
    /** The backend. */
    @Param
    BackendKind backend;

    OpenBackend open;

    final void open() throws Exception {
        open = OpenBackend.of(backend);
    }

    final void setKey(Long key) {
        open.backend.setCurrentKey(key);
    }

    /** Ends the backend. */
    @TearDown(Level.Trial)
    public void close() throws Exception {
        open.close();
    }
}
