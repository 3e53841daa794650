package dev.keybed.bench;

/** Random numbers of keys, a few cycles each, the same sequence in every fork and for every side. */
final class RandomKeys {
    private static final long SEED = 0x9E3779B97F4A7C15L;

    private final int bound;
    private long state = SEED;

    RandomKeys(int bound) {
        this.bound = bound;
    }

    /** Begins the sequence again. */
    void restart() {
        state = SEED;
    }

    /** The next number, from 0 to the bound. */
    int next() {
        // Marsaglia's xorshift; the high half, scaled by a multiplication instead of a division.
        long x = state;
        x ^= x << 13;
        x ^= x >>> 7;
        x ^= x << 17;
        state = x;
        return (int) (((x >>> 32) * bound) >>> 32);
    }
}
