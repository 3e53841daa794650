package dev.keybed.bench;

/**
 * What both databases are opened with: no write-ahead log, no compression, an LRU block cache, bloom filters of 10 bits
 * in files and none in memtables, two background jobs, and these.
 *
 * @param writeBufferBytes one memtable
 * @param blockCacheBytes the block cache
 */
record Settings(long writeBufferBytes, long blockCacheBytes) {
    private static final long MIB = 1 << 20;

    /** All data stays in one memtable. */
    static Settings inMemtable() {
        return new Settings(512 * MIB, 64 * MIB);
    }

    /** All blocks stay in the cache once they have been read. */
    static Settings inBlockCache() {
        return new Settings(512 * MIB, 256 * MIB);
    }

    /** Room in one memtable for all that one iteration of a second writes. */
    static Settings forWriting() {
        return new Settings(1024 * MIB, 64 * MIB);
    }
}
