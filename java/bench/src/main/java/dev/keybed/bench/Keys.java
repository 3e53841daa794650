package dev.keybed.bench;

import dev.keybed.KeyGroups;

/**
 * The keys: 11 bytes each, what Flink's RocksDB backend writes for a {@code Long} key without window.
 *
 * <pre>
 *   | group, 2 | key, 8, big-endian | namespace, 1 |
 *   0          2                    10             11
 * </pre>
 *
 * Groups are hashes, so neighbours in number are far apart in order: random access even for numbers in sequence.
 */
final class Keys {
    /** How many there are, if a benchmark is not told otherwise. */
    static final int COUNT = 100_000;
    static final int MAX_PARALLELISM = 32_768;

    static final int KEY_BYTES = Long.BYTES;
    static final int NAMESPACE_BYTES = 1;
    static final int COMPOSITE_BYTES = Short.BYTES + KEY_BYTES + NAMESPACE_BYTES;

    static final int GROUP_AT = 0;
    static final int KEY_AT = Short.BYTES;
    static final int NAMESPACE_AT = KEY_AT + KEY_BYTES;

    /** What Flink writes for the namespace of a state without windows. */
    static final byte NAMESPACE = 0;

    private Keys() {}

    /** The key group of a key. Computed by both sides for each operation, as a backend does for each record. */
    static int group(long key) {
        return KeyGroups.of(Long.hashCode(key), MAX_PARALLELISM);
    }

    /** A key that is nowhere. Its group has others that are. */
    static long absent(long key) {
        return key + (1 << 30);
    }
}
