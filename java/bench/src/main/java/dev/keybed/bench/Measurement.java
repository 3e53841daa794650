package dev.keybed.bench;

/**
 * What JMH measured of one method.
 *
 * @param nanos mean time of an operation
 * @param error half the width of its 99.9 % confidence interval; NaN if there was one iteration
 * @param cpuNanos processor time of an operation in the best iteration; NaN without the profiler {@link MeasuredThread}
 * @param bytes allocated by an operation on the Java heap; NaN without a profiler that counts them
 */
record Measurement(double nanos, double error, double cpuNanos, double bytes) {
    /** The best of two runs: time and processor time of the faster, garbage of the worse. */
    Measurement best(Measurement other) {
        Measurement faster = other.nanos < nanos ? other : this;
        return new Measurement(
                faster.nanos, faster.error, Math.min(cpuNanos, other.cpuNanos), Math.max(bytes, other.bytes));
    }

    /** Processor time if it was measured, else time. */
    double cost() {
        return Double.isNaN(cpuNanos) ? nanos : cpuNanos;
    }
}
