package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.util.function.FunctionWithException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every option of the engine rocks reaches RocksDB: its own file of what is in force says so. */
class RocksOptionsTest {
    /** By option: a value as an operator writes it, and a line of RocksDB's file. */
    private static final Map<ConfigOption<?>, String[]> CASES = new LinkedHashMap<>();

    static {
        // Half of a memtables' part of 0.25 of 96 MiB, of which two thirds are the limit: 8 MiB.
        CASES.put(KeybedRocksOptions.WRITE_BUFFER_RATIO, new String[] {"0.25", "write_buffer_size=8388608"});
        CASES.put(KeybedRocksOptions.PARTITIONED_INDEX_FILTERS, new String[] {"true", "partition_filters=true"});
        CASES.put(KeybedRocksOptions.BLOCK_CACHE_SIZE, new String[] {"0", "no_block_cache=true"});
        CASES.put(KeybedRocksOptions.BLOCK_SIZE, new String[] {"16 kb", "block_size=16384"});
        CASES.put(KeybedRocksOptions.METADATA_BLOCK_SIZE, new String[] {"8 kb", "metadata_block_size=8192"});
        CASES.put(KeybedRocksOptions.WRITE_BUFFER_SIZE, new String[] {"1 mb", "write_buffer_size=1048576"});
        CASES.put(KeybedRocksOptions.MAX_WRITE_BUFFER_NUMBER, new String[] {"4", "max_write_buffer_number=4"});
        CASES.put(
                KeybedRocksOptions.MEMTABLE_BLOOM_RATIO,
                new String[] {"0.125", "memtable_prefix_bloom_size_ratio=0.125000"});
        CASES.put(KeybedRocksOptions.USE_BLOOM_FILTER, new String[] {"false", "filter_policy=nullptr"});
        CASES.put(KeybedRocksOptions.COMPRESSION, new String[] {"zstd", "compression=kZSTD"});
        CASES.put(
                KeybedRocksOptions.COMPACTION_STYLE,
                new String[] {"universal", "compaction_style=kCompactionStyleUniversal"});
        CASES.put(KeybedRocksOptions.MAX_SIZE_LEVEL_BASE, new String[] {"10 mb", "max_bytes_for_level_base=10485760"});
        CASES.put(KeybedRocksOptions.TARGET_FILE_SIZE_BASE, new String[] {"2 mb", "target_file_size_base=2097152"});
        CASES.put(
                KeybedRocksOptions.USE_DYNAMIC_LEVEL_SIZE,
                new String[] {"false", "level_compaction_dynamic_level_bytes=false"});
        CASES.put(KeybedRocksOptions.MAX_OPEN_FILES, new String[] {"200", "max_open_files=200"});
        CASES.put(KeybedRocksOptions.MAX_BACKGROUND_THREADS, new String[] {"5", "max_background_jobs=5"});
        CASES.put(KeybedRocksOptions.LOG_LEVEL, new String[] {"error", "info_log_level=ERROR_LEVEL"});
        CASES.put(KeybedRocksOptions.LOG_DIRECTORY, new String[] {"", "db_log_dir="});
        CASES.put(KeybedRocksOptions.LOG_MAX_FILE_SIZE, new String[] {"3 mb", "max_log_file_size=3145728"});
        CASES.put(KeybedRocksOptions.LOG_FILE_NUM, new String[] {"6", "keep_log_file_num=6"});
        CASES.put(KeybedRocksOptions.OPTIONS, new String[] {"max_subcompactions=3", "max_subcompactions=3"});
    }

    @TempDir
    Path folder;

    @BeforeEach
    void requireRocks() {
        Assumptions.assumeTrue(Engines.all().contains(Engine.ROCKS), "the tests run on another engine");
    }

    @Test
    void everyOptionIsInForceInRocksDb() throws Exception {
        Set<ConfigOption<?>> all = new HashSet<>(KeybedRocksOptions.all());
        // RocksDB's file does not say; see below.
        all.remove(KeybedRocksOptions.BLOOM_FILTER_BITS_PER_KEY);
        assertEquals(all, CASES.keySet(), "options without a case");
        List<String> defaults = inForce(configuration());
        for (Map.Entry<ConfigOption<?>, String[]> entry : CASES.entrySet()) {
            ConfigOption<?> option = entry.getKey();
            String value = entry.getValue()[0];
            String line = entry.getValue()[1];
            Configuration configuration = configuration();
            if (option == KeybedRocksOptions.LOG_DIRECTORY) {
                value = folder.resolve("logs").toString();
                line += value;
            }
            if (option == KeybedRocksOptions.WRITE_BUFFER_RATIO) {
                configuration.set(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE, MemorySize.ofMebiBytes(96));
            }
            configuration.setString(option.key(), value);
            List<String> lines = inForce(configuration);
            assertTrue(lines.contains(line), option.key() + "=" + value + ": no " + line);
            assertFalse(defaults.contains(line), line + " without " + option.key());
        }
        try (Stream<Path> logs = Files.list(folder.resolve("logs"))) {
            assertTrue(logs.findAny().isPresent(), "RocksDB's log is where it was asked for");
        }
    }

    @Test
    void filtersHaveTheBitsThatWereAskedFor() throws Exception {
        int entries = 10_000;
        long[] bytes = new long[2];
        for (int bits : new int[] {4, 44}) {
            Configuration configuration = configuration();
            configuration.set(KeybedRocksOptions.BLOOM_FILTER_BITS_PER_KEY, bits);
            bytes[bits / 44] = open(configuration, backend -> {
                ValueState<Long> state = state(backend);
                for (long key = 0; key < entries; key++) {
                    backend.setCurrentKey(key);
                    state.update(key);
                }
                ((KeybedKeyedStateBackend<Long>) backend).states().store().flush();
                try (Stream<Path> files = Files.walk(folder.resolve("stores"))) {
                    return files.filter(file -> file.toString().endsWith(".sst"))
                            .mapToLong(file -> file.toFile().length())
                            .sum();
                }
            });
        }
        long difference = bytes[1] - bytes[0];
        assertTrue(Math.abs(difference - entries * 40 / 8) < 2_000, () -> difference + " bytes more");
    }

    /** Without a budget, in which sizes are others. */
    private Configuration configuration() {
        Configuration configuration = Engines.configuration(Engine.ROCKS);
        configuration.set(KeybedOptions.USE_MANAGED_MEMORY, false);
        configuration.set(KeybedOptions.LOCAL_DIRECTORY, folder.resolve("stores").toString());
        return configuration;
    }

    private List<String> inForce(Configuration configuration) throws Exception {
        return open(configuration, backend -> {
            state(backend);
            return read(folder.resolve("stores"));
        });
    }

    private static ValueState<Long> state(AbstractKeyedStateBackend<Long> backend) throws Exception {
        return backend.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("value", LongSerializer.INSTANCE));
    }

    private static <R> R open(
            Configuration configuration, FunctionWithException<AbstractKeyedStateBackend<Long>, R, Exception> use)
            throws Exception {
        KeybedStateBackend stateBackend =
                new KeybedStateBackend().configure(configuration, RocksOptionsTest.class.getClassLoader());
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> backend =
                    Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
            R result = use.apply(backend);
            backend.dispose();
            return result;
        }
    }

    /** What is in force for the database and the state, not for RocksDB's own column family. */
    private static List<String> read(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            Path newest = files.filter(file -> file.getFileName().toString().startsWith("OPTIONS-"))
                    .max(Comparator.comparing(file -> file.getFileName().toString()))
                    .orElseThrow();
            List<String> lines = new ArrayList<>();
            boolean counts = true;
            for (String line : Files.readAllLines(newest)) {
                String text = line.strip();
                counts = text.startsWith("[") ? !text.contains("\"default\"") : counts;
                if (counts) {
                    lines.add(text);
                }
            }
            return lines;
        }
    }
}
