package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreOptionsTest extends EngineTest {
    private void open(StoreOptions options) {
        Store.open(directory.resolve("store"), options).close();
    }

    @Test
    void every_setter_sets_an_option_that_native_code_knows() {
        StoreOptions options = engineOptions()
                .keyEncoding(KeyEncoding.FLINK)
                .maxParallelism(32_768)
                .keySize(PartSize.fixed(8))
                .keyGroups(new KeyGroupRange(0, 99))
                .createIfMissing(true)
                .errorIfExists(false)
                .maxKeyBytes(1_000)
                .maxValueBytes(1_000_000)
                .memorySlot("slot")
                .memoryLimitBytes(1 << 30)
                .tableFlushOnClose(true)
                .blockCacheBytes(1 << 20)
                .writeBufferBytes(1 << 20)
                .writeAheadLog(true)
                .bloomBitsPerKey(0)
                .memtableBloomRatio(0.25)
                .compression(Compression.ZSTD)
                .maxOpenFiles(100)
                .maxBackgroundJobs(1)
                .blockBytes(2_048)
                .metadataBlockBytes(8_192)
                .partitionedIndexFilters(true)
                .maxWriteBuffers(3)
                .writeBufferRatio(0.3)
                .compactionStyle("universal")
                .levelBaseBytes(1 << 20)
                .targetFileBytes(1 << 20)
                .dynamicLevelBytes(false)
                .rocksStatistics(true)
                .rocksLogLevel("warn")
                .rocksLogDirectory("")
                .rocksLogFileBytes(0)
                .rocksLogFiles(3)
                .rocksOptions("")
                .build();
        assertEquals(35, options.asMap().size());
        open(options);
    }

    @Test
    void every_constant_is_one_that_native_code_knows() {
        for (KeyEncoding encoding : KeyEncoding.values()) {
            Store.open(directory.resolve(encoding.name()), engineOptions().keyEncoding(encoding).build()).close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "no-such-option, 1", "engine, heap", "key-encoding, utf8", "max-parallelism, 0", "max-parallelism, 32769",
        "key-size, 0", "key-size, many", "key-groups, 3-2", "create-if-missing, yes", "max-key-bytes, 1", "max-value-bytes, 1e6",
        "memory.limit-bytes, -1", "table.flush-on-close, perhaps", "rocks.compression, rar",
        "rocks.memtable-bloom-ratio, 7"
    })
    void a_bad_option_is_named_with_its_value(String name, String value) {
        StoreOptions options = engineOptions().option(name, value).build();
        String message = Expect.code(ErrorCode.INVALID_OPTION, () -> open(options));
        assertTrue(message.contains(name) && message.contains(value), message);
    }

    @Test
    void options_fixed_at_creation_cannot_change() {
        open(engineOptions().maxParallelism(128).keySize(PartSize.fixed(8)).build());
        String message = Expect.code(
                ErrorCode.OPTIONS_MISMATCH,
                () -> open(engineOptions().maxParallelism(64).keySize(PartSize.fixed(8)).build()));
        assertTrue(message.contains("max-parallelism"), message);
        Expect.code(ErrorCode.OPTIONS_MISMATCH, () -> open(engineOptions().build()));
        Expect.code(
                ErrorCode.OPTIONS_MISMATCH,
                () -> open(engineOptions()
                        .keySize(PartSize.fixed(8))
                        .keyEncoding(KeyEncoding.FLINK)
                        .build()));
        open(engineOptions().keySize(PartSize.fixed(8)).maxValueBytes(1_000).build());
    }

    @Test
    void whether_a_store_exists_can_be_demanded_either_way() {
        Expect.code(ErrorCode.STORE_MISSING, () -> open(engineOptions().createIfMissing(false).build()));
        open(engineOptions().errorIfExists(true).build());
        Expect.code(ErrorCode.STORE_EXISTS, () -> open(engineOptions().errorIfExists(true).build()));
        open(engineOptions().createIfMissing(false).build());
    }

    @Test
    void options_are_values() {
        StoreOptionsBuilder builder = StoreOptions.builder().maxParallelism(64);
        StoreOptions before = builder.build();
        StoreOptions after = builder.maxParallelism(32).build();
        assertEquals(Map.of("max-parallelism", "64"), before.asMap());
        assertNotEquals(before, after);
        assertEquals(StoreOptions.defaults(), StoreOptions.builder().build());
        assertThrows(UnsupportedOperationException.class, () -> before.asMap().put("a", "b"));
        assertEquals(PartSize.fixed(8), PartSize.fixed(8));
        Expect.code(ErrorCode.INVALID_ARGUMENT, () -> PartSize.fixed(0));
    }
}
