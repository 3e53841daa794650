package dev.keybed.demo;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long a measurement takes: first a warm-up, until the code is compiled, then the part that counts.
 *
 * @param warmUpNanos the least time of the warm-up
 * @param timedNanos the least time of the part that counts
 */
record Timing(long warmUpNanos, long timedNanos) {
    static final Timing DEFAULT = ofMillis(750, 1500);

    static Timing ofMillis(long warmUp, long timed) {
        return new Timing(TimeUnit.MILLISECONDS.toNanos(warmUp), TimeUnit.MILLISECONDS.toNanos(timed));
    }

    /** Makes passes for the time of the warm-up. */
    void warmUp(LongSupplier pass) {
        repeat(warmUpNanos, pass);
    }

    /** Makes passes for the time that counts; returns how much they did together, and how long it took. */
    Rate measure(LongSupplier pass) {
        return repeat(timedNanos, pass);
    }

    /**
     * Makes whole passes, at least one, until the time is over. The clock is read between passes only.
     *
     * @param pass does its work once; returns how much that was, 0 if there is none
     */
    private static Rate repeat(long atLeast, LongSupplier pass) {
        long begin = System.nanoTime();
        long count = 0;
        long nanos;
        boolean some;
        do {
            long done = pass.getAsLong();
            some = done > 0;
            count += done;
            nanos = System.nanoTime() - begin;
        } while (some && nanos < atLeast);
        return new Rate(count, nanos);
    }
}
