package dev.keybed.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Reports what the measured thread alone spends on an operation: {@code -prof dev.keybed.bench.MeasuredThread}.
 *
 * <ul>
 *   <li>Processor time. JMH's time holds the time in which other programs have the processor as well, so on a shared
 *       machine this is the figure that means something. RocksDB's background threads are not in it.
 *   <li>Bytes allocated. {@code -prof gc} counts all threads, JMH's own included: some 30 KB an iteration, which divided
 *       by few long operations looks like garbage of theirs.
 * </ul>
 */
public final class MeasuredThread implements InternalProfiler {
    /** The names of the figures in JMH's results. */
    static final String CPU = "thread.cpu.norm";

    static final String ALLOCATION = "thread.alloc.norm";

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    // Of the last iteration; written by the measured thread, read by JMH's when it has ended.
    private static volatile long nanos;
    private static volatile long bytes;

    /** The measured thread begins an iteration. */
    static void start() {
        bytes = -THREADS.getCurrentThreadAllocatedBytes();
        nanos = -THREADS.getCurrentThreadCpuTime();
    }

    /** The measured thread has ended it. */
    static void stop() {
        nanos += THREADS.getCurrentThreadCpuTime();
        bytes += THREADS.getCurrentThreadAllocatedBytes();
    }

    @Override
    public String getDescription() {
        return "processor time and allocation of the measured thread alone, for an operation";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double operations = result.getMetadata().getAllOps();
        return List.of(
                new ScalarResult(CPU, nanos / operations, "ns/op", AggregationPolicy.AVG),
                new ScalarResult(ALLOCATION, bytes / operations, "B/op", AggregationPolicy.AVG));
    }
}
