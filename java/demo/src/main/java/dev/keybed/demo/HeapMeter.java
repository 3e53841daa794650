package dev.keybed.demo;

import com.sun.management.ThreadMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Measures what the calling thread allocates on the Java heap, to the byte, and counts garbage collections. */
final class HeapMeter {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    private long allocated;
    private long collections;

    void start() {
        collections = collections();
        // Once in vain: what the measurement itself sets up at first is not what is measured.
        threads.getCurrentThreadAllocatedBytes();
        allocated = threads.getCurrentThreadAllocatedBytes();
    }

    void stop() {
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        collections = collections() - collections;
    }

    long allocatedBytes() {
        return allocated;
    }

    /** Garbage collections between start and stop, whoever caused them. */
    long collectionCount() {
        return collections;
    }

    private long collections() {
        long sum = 0;
        for (GarbageCollectorMXBean collector : collectors) {
            sum += Math.max(0, collector.getCollectionCount());
        }
        return sum;
    }
}
