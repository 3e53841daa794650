package dev.keybed.flink;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.keybed.Compression;
import dev.keybed.StoreOptionsBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/** Options of the engine rocks, named like those of Flink's RocksDB backend where that has them. */
public final class KeybedRocksOptions {

    /** How files are arranged. */
    public enum CompactionStyle {
        /** In levels. */
        LEVEL,
        /** In runs that are merged. */
        UNIVERSAL
    }

    /** What RocksDB writes to its log. */
    public enum LogLevel {
        /** Everything. */
        DEBUG,
        /** What it does. */
        INFO,
        /** What may be wrong. */
        WARN,
        /** What is wrong. */
        ERROR,
        /** What it cannot go on after. */
        FATAL,
        /** Its options. */
        HEADER
    }

    private static final String PREFIX = "state.backend.keybed.rocks.";

    /** By the names of the store's options that they set. */
    private static final Map<String, ConfigOption<?>> BY_STORE_OPTION = new LinkedHashMap<>();

    /** Memory for write buffers. */
    public static final ConfigOption<Double> WRITE_BUFFER_RATIO = of(
            "rocks.write-buffer-ratio",
            key("state.backend.keybed.memory.write-buffer-ratio")
                    .doubleType()
                    .defaultValue(0.5)
                    .withDescription("Part of the budget for write buffers, 0.05 to 0.95. What they do not need of it holds"
                            + " blocks of files. Without a budget it means nothing."));

    /** Index and filters in parts. */
    public static final ConfigOption<Boolean> PARTITIONED_INDEX_FILTERS = of(
            "rocks.partitioned-index-filters",
            key("state.backend.keybed.memory.partitioned-index-filters")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription("Index and filter of a file are in parts, of which only those in use are in memory."));

    /** The block cache. */
    public static final ConfigOption<MemorySize> BLOCK_CACHE_SIZE = of(
            "rocks.block-cache-bytes",
            key(PREFIX + "block.cache-size")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(64))
                    .withDescription("Cache for blocks of files, of one operator; 0 for none. Means nothing if there is a budget,"
                            + " which has the cache in it."));

    /** A block of a file. */
    public static final ConfigOption<MemorySize> BLOCK_SIZE = of(
            "rocks.block-bytes",
            key(PREFIX + "block.blocksize")
                    .memoryType()
                    .defaultValue(MemorySize.parse("4kb"))
                    .withDescription("Entries of a block of a file, before compression."));

    /** A part of an index or filter. */
    public static final ConfigOption<MemorySize> METADATA_BLOCK_SIZE = of(
            "rocks.metadata-block-bytes",
            key(PREFIX + "block.metadata-blocksize")
                    .memoryType()
                    .defaultValue(MemorySize.parse("4kb"))
                    .withDescription("One part of an index or filter that is in parts."));

    /** A write buffer. */
    public static final ConfigOption<MemorySize> WRITE_BUFFER_SIZE = of(
            "rocks.write-buffer-bytes",
            key(PREFIX + "writebuffer.size")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(64))
                    .withDescription("A write buffer; each state has its own. If there is a budget, at most half of what write"
                            + " buffers may have of it."));

    /** Write buffers of a state. */
    public static final ConfigOption<Integer> MAX_WRITE_BUFFER_NUMBER = of(
            "rocks.max-write-buffers",
            key(PREFIX + "writebuffer.count")
                    .intType()
                    .defaultValue(2)
                    .withDescription("Write buffers of a state, the one in use and those on their way to a file. When all wait,"
                            + " writing does too."));

    /** Filters of write buffers. */
    public static final ConfigOption<Double> MEMTABLE_BLOOM_RATIO = of(
            "rocks.memtable-bloom-ratio",
            key(PREFIX + "memtable-bloom-ratio")
                    .doubleType()
                    .defaultValue(0.02)
                    .withDescription("Part of a write buffer for a bloom filter of its own, 0 to 0.25, which spares reads of what"
                            + " was not written lately a search. With many states in a budget less is taken."));

    /** Whether files have filters. */
    public static final ConfigOption<Boolean> USE_BLOOM_FILTER = key(PREFIX + "use-bloom-filter")
            .booleanType()
            .defaultValue(true)
            .withDescription("Whether files have bloom filters, which spare reads of files without the key.");

    /** Size of the filters. */
    public static final ConfigOption<Integer> BLOOM_FILTER_BITS_PER_KEY = key(PREFIX + "bloom-filter.bits-per-key")
            .intType()
            .defaultValue(10)
            .withDescription("Bits of these filters for each key, 1 to 64.");

    /** Compression of files. */
    public static final ConfigOption<Compression> COMPRESSION = of(
            "rocks.compression",
            key(PREFIX + "compression")
                    .enumType(Compression.class)
                    .defaultValue(Compression.LZ4)
                    .withDescription("Compression of files."));

    /** How files are arranged. */
    public static final ConfigOption<CompactionStyle> COMPACTION_STYLE = of(
            "rocks.compaction-style",
            key(PREFIX + "compaction.style")
                    .enumType(CompactionStyle.class)
                    .defaultValue(CompactionStyle.LEVEL)
                    .withDescription("How files are arranged: in levels (least space), or in runs that are merged when there are"
                            + " many (least writing)."));

    /** The first level. */
    public static final ConfigOption<MemorySize> MAX_SIZE_LEVEL_BASE = of(
            "rocks.level-base-bytes",
            key(PREFIX + "compaction.level.max-size-level-base")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(256))
                    .withDescription("Files of the first level after that of the flushed write buffers."));

    /** A file of the first level. */
    public static final ConfigOption<MemorySize> TARGET_FILE_SIZE_BASE = of(
            "rocks.target-file-bytes",
            key(PREFIX + "compaction.level.target-file-size-base")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(64))
                    .withDescription("One file of that level."));

    /** The sizes of levels. */
    public static final ConfigOption<Boolean> USE_DYNAMIC_LEVEL_SIZE = of(
            "rocks.dynamic-level-bytes",
            key(PREFIX + "compaction.level.use-dynamic-size")
                    .booleanType()
                    .defaultValue(true)
                    .withDescription("Whether the last level sets the sizes of the others."));

    /** Open files. */
    public static final ConfigOption<Integer> MAX_OPEN_FILES = of(
            "rocks.max-open-files",
            key(PREFIX + "files.open")
                    .intType()
                    .defaultValue(-1)
                    .withDescription("How many files an operator keeps open; -1 for all, else at least 16."));

    /** Work in the background. */
    public static final ConfigOption<Integer> MAX_BACKGROUND_THREADS = of(
            "rocks.max-background-jobs",
            key(PREFIX + "thread.num")
                    .intType()
                    .defaultValue(2)
                    .withDescription("Flushes and compactions of an operator at a time, 1 to 64."));

    /** What is in the log. */
    public static final ConfigOption<LogLevel> LOG_LEVEL = of(
            "rocks.log-level",
            key(PREFIX + "log.level")
                    .enumType(LogLevel.class)
                    .defaultValue(LogLevel.INFO)
                    .withDescription("What RocksDB writes to its log."));

    /** Where the log is. */
    public static final ConfigOption<String> LOG_DIRECTORY = of(
            "rocks.log-dir",
            key(PREFIX + "log.dir")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Where RocksDB's logs are. By default each is with the files of its operator, and goes when the"
                            + " task ends."));

    /** A file of the log. */
    public static final ConfigOption<MemorySize> LOG_MAX_FILE_SIZE = of(
            "rocks.log-file-bytes",
            key(PREFIX + "log.max-file-size")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(10))
                    .withDescription("One file of RocksDB's log; 0 for no limit."));

    /** Files of the log. */
    public static final ConfigOption<Integer> LOG_FILE_NUM = of(
            "rocks.log-files",
            key(PREFIX + "log.file-num")
                    .intType()
                    .defaultValue(2)
                    .withDescription("Files of RocksDB's log that are kept."));

    /** RocksDB's own options. */
    public static final ConfigOption<String> OPTIONS = of(
            "rocks.options",
            key(PREFIX + "options")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("RocksDB's own option string (name=value;name=value), applied last. Options that states depend"
                            + " on are refused."));

    private KeybedRocksOptions() {}

    private static <T> ConfigOption<T> of(String storeOption, ConfigOption<T> option) {
        BY_STORE_OPTION.put(storeOption, option);
        return option;
    }

    static List<ConfigOption<?>> all() {
        List<ConfigOption<?>> all = new ArrayList<>(BY_STORE_OPTION.values());
        all.addAll(all.indexOf(MEMTABLE_BLOOM_RATIO) + 1, List.of(USE_BLOOM_FILTER, BLOOM_FILTER_BITS_PER_KEY));
        return all;
    }

    /** Sets all of them: what is documented as a default is one. */
    static void apply(ReadableConfig config, StoreOptionsBuilder options) {
        BY_STORE_OPTION.forEach((name, option) -> {
            Object value = config.get(option);
            if (value != null) {
                options.option(name, text(value));
            }
        });
        options.bloomBitsPerKey(config.get(USE_BLOOM_FILTER) ? config.get(BLOOM_FILTER_BITS_PER_KEY) : 0);
        options.rocksStatistics(config.get(KeybedMetricOptions.ROCKS_STATISTICS));
    }

    private static String text(Object value) {
        if (value instanceof MemorySize size) {
            return Long.toString(size.getBytes());
        }
        return value instanceof Enum<?> constant ? constant.name().toLowerCase(Locale.ROOT) : value.toString();
    }
}
