package dev.keybed.bench;

/**
 * What JMH measured of one method.
 *
 * @param nanos mean time of an operation
 * @param error half the width of its 99.9 % confidence interval; NaN if there was one iteration
 * @param cpuNanos processor time of an operation; NaN without the profiler {@link MeasuredThread}
 * @param bytes allocated by an operation on the Java heap; NaN without a profiler that counts them
 */
record Measurement(double nanos, double error, double cpuNanos, double bytes) {
    /** Processor time if it was measured, else time. */
    double cost() {
        return Double.isNaN(cpuNanos) ? nanos : cpuNanos;
    }
}
