package dev.keybed;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Builds {@link StoreOptions}. Values are checked when the store is opened: {@link KeybedArgumentException}
 * (INVALID_OPTION) names the option, its value and what to use.
 *
 * <p>{@code engine}, {@code key-encoding}, {@code max-parallelism}, {@code key-size} and {@code key-groups} are fixed when a store
 * is created (OPTIONS_MISMATCH later); the others may differ at every open. Options that begin with
 * {@code table.} or {@code rocks.} concern that engine only.
 */
public final class StoreOptionsBuilder {
    private final Map<String, String> values = new LinkedHashMap<>();

    StoreOptionsBuilder() {}

    /**
     * {@code engine}: where the state lives.
     *
     * @param engine the engine; default TABLE
     * @return this
     */
    public StoreOptionsBuilder engine(Engine engine) {
        return option("engine", engine.optionValue());
    }

    /**
     * {@code key-encoding}: how composite keys are written.
     *
     * @param encoding the encoding; default ORDERED
     * @return this
     */
    public StoreOptionsBuilder keyEncoding(KeyEncoding encoding) {
        return option("key-encoding", encoding.optionValue());
    }

    /**
     * {@code max-parallelism}: the number of key groups.
     *
     * @param keyGroups 1 to {@value KeyGroups#MAX_PARALLELISM_LIMIT}; default 128
     * @return this
     */
    public StoreOptionsBuilder maxParallelism(int keyGroups) {
        return option("max-parallelism", keyGroups);
    }

    /**
     * {@code key-size}: the size of all keys.
     *
     * @param size variable or fixed; default variable
     * @return this
     */
    public StoreOptionsBuilder keySize(PartSize size) {
        return option("key-size", size.optionValue());
    }

    /**
     * {@code key-groups}: the key groups that the store may hold, those of one task. Of another, every operation throws
     * KEY_GROUP_OUT_OF_RANGE.
     *
     * @param keyGroups default all
     * @return this
     */
    public StoreOptionsBuilder keyGroups(KeyGroupRange keyGroups) {
        return option("key-groups", keyGroups);
    }

    /**
     * {@code create-if-missing}: whether to make a store where there is none.
     *
     * @param create default true
     * @return this
     */
    public StoreOptionsBuilder createIfMissing(boolean create) {
        return option("create-if-missing", create);
    }

    /**
     * {@code error-if-exists}: whether to refuse a directory that holds a store.
     *
     * @param refuse default false
     * @return this
     */
    public StoreOptionsBuilder errorIfExists(boolean refuse) {
        return option("error-if-exists", refuse);
    }

    /**
     * {@code max-key-bytes}: the longest composite key.
     *
     * @param bytes 64 bytes to 1 MiB; default 64 KiB
     * @return this
     */
    public StoreOptionsBuilder maxKeyBytes(int bytes) {
        return option(StoreOptions.MAX_KEY_BYTES, bytes);
    }

    /**
     * {@code max-value-bytes}: the longest value that can be put, or element that can be appended.
     *
     * @param bytes 1 byte to 512 MiB; default 256 MiB
     * @return this
     */
    public StoreOptionsBuilder maxValueBytes(int bytes) {
        return option(StoreOptions.MAX_VALUE_BYTES, bytes);
    }

    /**
     * {@code memory.slot}: whose memory budget the store takes from. Stores of this process that name the same slot share
     * one.
     *
     * @param slot the name; default empty: a budget of its own
     * @return this
     */
    public StoreOptionsBuilder memorySlot(String slot) {
        return option("memory.slot", slot);
    }

    /**
     * {@code memory.limit-bytes}: the memory budget. With the engine TABLE a write that would exceed it is refused with
     * MEMORY_BUDGET and changes nothing. With ROCKS, block cache and write buffers are in it, and a smaller one is slower.
     *
     * @param bytes 0 for no limit; at least 1 MiB with ROCKS; default 0
     * @return this
     */
    public StoreOptionsBuilder memoryLimitBytes(long bytes) {
        return option("memory.limit-bytes", bytes);
    }

    /**
     * {@code table.flush-on-close}: whether closing a store writes what was not flushed to its directory, or discards it.
     *
     * @param flush default true
     * @return this
     */
    public StoreOptionsBuilder tableFlushOnClose(boolean flush) {
        return option("table.flush-on-close", flush);
    }

    /**
     * {@code rocks.block-cache-bytes}: cache for blocks of files.
     *
     * @param bytes default 64 MiB
     * @return this
     */
    public StoreOptionsBuilder blockCacheBytes(long bytes) {
        return option("rocks.block-cache-bytes", bytes);
    }

    /**
     * {@code rocks.write-buffer-bytes}: memory for writes of one state before they go to a file.
     *
     * @param bytes at least 64 KiB; default 64 MiB
     * @return this
     */
    public StoreOptionsBuilder writeBufferBytes(long bytes) {
        return option("rocks.write-buffer-bytes", bytes);
    }

    /**
     * {@code rocks.block-bytes}: entries of a block of the files, before compression.
     *
     * @param bytes 1 KiB to 16 MiB; default 4 KiB
     * @return this
     */
    public StoreOptionsBuilder blockBytes(int bytes) {
        return option("rocks.block-bytes", bytes);
    }

    /**
     * {@code rocks.metadata-block-bytes}: of an index or filter in parts, one part.
     *
     * @param bytes 1 KiB to 16 MiB; default 4 KiB
     * @return this
     */
    public StoreOptionsBuilder metadataBlockBytes(int bytes) {
        return option("rocks.metadata-block-bytes", bytes);
    }

    /**
     * {@code rocks.partitioned-index-filters}: index and filter of a file are in parts, of which only those in use are in
     * memory.
     *
     * @param on default false
     * @return this
     */
    public StoreOptionsBuilder partitionedIndexFilters(boolean on) {
        return option("rocks.partitioned-index-filters", on);
    }

    /**
     * {@code rocks.max-write-buffers}: write buffers of a state, the one in use and those on their way to a file.
     *
     * @param buffers 2 to 64; default 2
     * @return this
     */
    public StoreOptionsBuilder maxWriteBuffers(int buffers) {
        return option("rocks.max-write-buffers", buffers);
    }

    /**
     * {@code rocks.write-buffer-ratio}: part of the memory budget for write buffers.
     *
     * @param ratio 0.05 to 0.95; default 0.5
     * @return this
     */
    public StoreOptionsBuilder writeBufferRatio(double ratio) {
        return option("rocks.write-buffer-ratio", ratio);
    }

    /**
     * {@code rocks.wal}: write-ahead log. Without it, what was written since the last flush is lost when the process
     * dies.
     *
     * @param on default false: under a stream processor, checkpoints are the durability
     * @return this
     */
    public StoreOptionsBuilder writeAheadLog(boolean on) {
        return option("rocks.wal", on);
    }

    /**
     * {@code rocks.bloom-bits-per-key}: size of the filters that spare reads of files without the key.
     *
     * @param bits 0 (none) to 64; default 10
     * @return this
     */
    public StoreOptionsBuilder bloomBitsPerKey(int bits) {
        return option("rocks.bloom-bits-per-key", bits);
    }

    /**
     * {@code rocks.memtable-bloom-ratio}: part of the write buffer for a filter of its own.
     *
     * @param ratio 0 to 0.25; default 0.02
     * @return this
     */
    public StoreOptionsBuilder memtableBloomRatio(double ratio) {
        return option("rocks.memtable-bloom-ratio", ratio);
    }

    /**
     * {@code rocks.compression}: compression of files.
     *
     * @param compression default LZ4
     * @return this
     */
    public StoreOptionsBuilder compression(Compression compression) {
        return option("rocks.compression", compression.optionValue());
    }

    /**
     * {@code rocks.max-open-files}: how many files stay open.
     *
     * @param files -1 for all, else at least 16; default -1
     * @return this
     */
    public StoreOptionsBuilder maxOpenFiles(int files) {
        return option("rocks.max-open-files", files);
    }

    /**
     * {@code rocks.max-background-jobs}: flushes and compactions at a time.
     *
     * @param jobs 1 to 64; default 2
     * @return this
     */
    public StoreOptionsBuilder maxBackgroundJobs(int jobs) {
        return option("rocks.max-background-jobs", jobs);
    }

    /**
     * {@code rocks.compaction-style}: how files are arranged.
     *
     * @param style {@code level} or {@code universal}; default level
     * @return this
     */
    public StoreOptionsBuilder compactionStyle(String style) {
        return option("rocks.compaction-style", style);
    }

    /**
     * {@code rocks.level-base-bytes}: files of the first level after that of the flushed write buffers.
     *
     * @param bytes at least 64 KiB; default 256 MiB
     * @return this
     */
    public StoreOptionsBuilder levelBaseBytes(long bytes) {
        return option("rocks.level-base-bytes", bytes);
    }

    /**
     * {@code rocks.target-file-bytes}: one file of that level.
     *
     * @param bytes at least 16 KiB; default 64 MiB
     * @return this
     */
    public StoreOptionsBuilder targetFileBytes(long bytes) {
        return option("rocks.target-file-bytes", bytes);
    }

    /**
     * {@code rocks.dynamic-level-bytes}: the last level sets the sizes of the others.
     *
     * @param on default true
     * @return this
     */
    public StoreOptionsBuilder dynamicLevelBytes(boolean on) {
        return option("rocks.dynamic-level-bytes", on);
    }

    /**
     * {@code rocks.statistics}: RocksDB counts what it does, for {@link Store#statistics()}.
     *
     * @param on default false
     * @return this
     */
    public StoreOptionsBuilder rocksStatistics(boolean on) {
        return option("rocks.statistics", on);
    }

    /**
     * {@code rocks.log-level}: what RocksDB writes to its log.
     *
     * @param level {@code debug}, {@code info}, {@code warn}, {@code error}, {@code fatal} or {@code header}; default info
     * @return this
     */
    public StoreOptionsBuilder rocksLogLevel(String level) {
        return option("rocks.log-level", level);
    }

    /**
     * {@code rocks.log-dir}: where RocksDB's log is.
     *
     * @param directory default empty: the database's directory
     * @return this
     */
    public StoreOptionsBuilder rocksLogDirectory(String directory) {
        return option("rocks.log-dir", directory);
    }

    /**
     * {@code rocks.log-file-bytes}: one file of RocksDB's log.
     *
     * @param bytes 0 for no limit; default 10 MiB
     * @return this
     */
    public StoreOptionsBuilder rocksLogFileBytes(long bytes) {
        return option("rocks.log-file-bytes", bytes);
    }

    /**
     * {@code rocks.log-files}: files of RocksDB's log that are kept.
     *
     * @param files 1 to 1000; default 2
     * @return this
     */
    public StoreOptionsBuilder rocksLogFiles(int files) {
        return option("rocks.log-files", files);
    }

    /**
     * {@code rocks.options}: RocksDB's own option string, applied last.
     *
     * @param options {@code name=value;name=value}; default empty
     * @return this
     */
    public StoreOptionsBuilder rocksOptions(String options) {
        return option("rocks.options", options);
    }

    /**
     * Any option by its name.
     *
     * @param name the name
     * @param value the value
     * @return this
     */
    public StoreOptionsBuilder option(String name, String value) {
        values.put(Objects.requireNonNull(name), Objects.requireNonNull(value));
        return this;
    }

    /**
     * The options as they are now; the builder can go on.
     *
     * @return the options
     */
    public StoreOptions build() {
        return new StoreOptions(values);
    }

    private StoreOptionsBuilder option(String name, Object value) {
        return option(name, value.toString());
    }
}
