package dev.keybed;

/**
 * Key groups: the shards a key space is cut into, so that state can be moved between tasks. The number of groups (the
 * <em>maximum parallelism</em>) never changes for a store.
 */
public final class KeyGroups {
    /** The largest number of key groups a store may have. */
    public static final int MAX_PARALLELISM_LIMIT = 32_768;

    private KeyGroups() {}

    /**
     * The key group of a key: Apache Flink's, so that state keyed by either can be read by the other.
     *
     * @param javaHash the key's {@link Object#hashCode()}
     * @param maxParallelism the number of key groups, 1 to {@value #MAX_PARALLELISM_LIMIT}
     * @return the group, {@code 0 <= group < maxParallelism}
     * @throws KeybedArgumentException INVALID_ARGUMENT if {@code maxParallelism} is out of range
     */
    public static int of(int javaHash, int maxParallelism) {
        if (maxParallelism < 1 || maxParallelism > MAX_PARALLELISM_LIMIT) {
            throw Errors.of(
                    ErrorCode.INVALID_ARGUMENT,
                    "max parallelism is 1 to " + MAX_PARALLELISM_LIMIT + ", not " + maxParallelism);
        }
        return murmur(javaHash) % maxParallelism;
    }

    /** Murmur3 (32 bits, seed 0) of the four bytes of an int, made non-negative the way Flink does. */
    private static int murmur(int value) {
        // The only block.
        int h = Integer.rotateLeft(value * 0xcc9e2d51, 15) * 0x1b873593;
        h = Integer.rotateLeft(h, 13) * 5 + 0xe6546b64;
        // The length, then the avalanche.
        h ^= Integer.BYTES;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        h ^= h >>> 16;
        return h == Integer.MIN_VALUE ? 0 : Math.abs(h);
    }
}
