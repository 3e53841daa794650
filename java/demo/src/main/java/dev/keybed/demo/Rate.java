package dev.keybed.demo;

/**
 * So many in so much time.
 *
 * @param count how many
 * @param nanos how long it took
 */
record Rate(long count, long nanos) {

    long perSecond() {
        return nanos <= 0 ? 0 : Math.round(count * 1e9 / nanos);
    }

    double seconds() {
        return nanos / 1e9;
    }
}
