package dev.keybed.bench;

import java.util.SplittableRandom;

/**
 * Which entries are asked for, worked out before anything is measured: a long sequence that is read round and round.
 *
 * <p>Keys are numbers from 0 spread over all longs, so that neither side profits from consecutive ones.
 */
final class Access {
    private static final long SEED = 42;
    private static final int SHORTEST = 1 << 20;
    /** A prime, so that multiplying by it modulo a number of entries leaves out none and repeats none. */
    private static final long SCATTER = 2_654_435_761L;

    private final long[] keys;
    private final int mask;
    private int position;

    /**
     * @param entries how many there are
     * @param distribution {@code uniform}, or {@code zipf}: the entry of rank r is asked for in proportion to 1 / r^0.99
     */
    Access(int entries, String distribution) {
        // About as many as entries: a short sequence would stay in the processor's cache with all that it leads to.
        int length = Math.max(SHORTEST, Integer.highestOneBit(entries));
        keys = new long[length];
        mask = length - 1;
        SplittableRandom random = new SplittableRandom(SEED);
        Zipf zipf = distribution.equals("zipf") ? new Zipf(entries, 0.99) : null;
        for (int i = 0; i < length; i++) {
            int entry = zipf == null ? random.nextInt(entries) : scatter(zipf.rank(random.nextDouble()), entries);
            keys[i] = key(entry);
        }
    }

    /** The key of an entry: SplitMix64's numbers from its second, because its first is 0, which Java need not box. */
    static long key(int entry) {
        long x = (entry + 1) * 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }

    /** Ranks in sequence to entries far apart: what is asked for most was not stored together. */
    private static int scatter(int rank, int entries) {
        return (int) (rank * SCATTER % entries);
    }

    /** The next key. */
    long next() {
        return keys[position++ & mask];
    }
}
