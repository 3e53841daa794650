package dev.keybed.bench;

/** Longs by longs: what both sides can do. Only for loading and checking; benchmarks call the sides themselves. */
interface LongMap extends AutoCloseable {
    /** The number of a key that is there. */
    long get(long key);

    void put(long key, long number);

    /** Adds to a number; returns the new one. */
    long add(long key, long delta);

    @Override
    void close();

    /** Gives every entry a number. */
    default void load(int entries) {
        for (int entry = 0; entry < entries; entry++) {
            put(Access.key(entry), entry);
        }
    }

    /** Throws unless all that was loaded is there, and writing works. Leaves everything as it was. */
    default void requireLoaded(int entries) {
        for (int entry = 0; entry < entries; entry++) {
            require(entry, entry, get(Access.key(entry)));
        }
        int step = Math.max(1, entries / Check.CALLS);
        for (int entry = 0; entry < entries; entry += step) {
            long key = Access.key(entry);
            put(key, -5);
            require(entry, -5, get(key));
            require(entry, entry, add(key, entry + 5L));
            require(entry, entry, get(key));
        }
    }

    private static void require(int entry, long expected, long found) {
        if (found != expected) {
            throw new IllegalStateException("entry %d has %d, not %d".formatted(entry, found, expected));
        }
    }
}
