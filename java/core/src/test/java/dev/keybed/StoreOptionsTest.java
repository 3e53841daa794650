package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreOptionsTest {
    @TempDir
    Path directory;

    private void open(StoreOptions options) {
        Store.open(directory.resolve("store"), options).close();
    }

    @Test
    void every_setter_sets_an_option_that_native_code_knows() {
        StoreOptions options = StoreOptions.builder()
                .engine(Engine.ROCKS)
                .keyEncoding(KeyEncoding.FLINK)
                .maxParallelism(32_768)
                .keySize(PartSize.fixed(8))
                .createIfMissing(true)
                .errorIfExists(false)
                .maxKeyBytes(1_000)
                .maxValueBytes(1_000_000)
                .blockCacheBytes(1 << 20)
                .writeBufferBytes(1 << 20)
                .writeAheadLog(true)
                .bloomBitsPerKey(0)
                .memtableBloomRatio(0.25)
                .compression(Compression.ZSTD)
                .maxOpenFiles(100)
                .maxBackgroundJobs(1)
                .rocksOptions("")
                .build();
        assertEquals(17, options.asMap().size());
        open(options);
    }

    @Test
    void every_constant_is_one_that_native_code_knows() {
        for (Compression compression : Compression.values()) {
            open(StoreOptions.builder().compression(compression).build());
        }
        for (KeyEncoding encoding : KeyEncoding.values()) {
            Store.open(directory.resolve(encoding.name()), StoreOptions.builder().keyEncoding(encoding).build()).close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "no-such-option, 1", "engine, heap", "key-encoding, utf8", "max-parallelism, 0", "max-parallelism, 32769",
        "key-size, 0", "key-size, many", "create-if-missing, yes", "max-key-bytes, 1", "max-value-bytes, 1e6",
        "rocks.compression, rar", "rocks.memtable-bloom-ratio, 7", "rocks.options, no_such_option=1"
    })
    void a_bad_option_is_named_with_its_value(String name, String value) {
        StoreOptions options = StoreOptions.builder().option(name, value).build();
        String message = Expect.code(ErrorCode.INVALID_OPTION, () -> open(options));
        assertTrue(message.contains(name) && message.contains(value), message);
    }

    @Test
    void options_fixed_at_creation_cannot_change() {
        open(StoreOptions.builder().maxParallelism(128).keySize(PartSize.fixed(8)).build());
        String message = Expect.code(
                ErrorCode.OPTIONS_MISMATCH,
                () -> open(StoreOptions.builder().maxParallelism(64).keySize(PartSize.fixed(8)).build()));
        assertTrue(message.contains("max-parallelism"), message);
        Expect.code(ErrorCode.OPTIONS_MISMATCH, () -> open(StoreOptions.defaults()));
        Expect.code(
                ErrorCode.OPTIONS_MISMATCH,
                () -> open(StoreOptions.builder()
                        .keySize(PartSize.fixed(8))
                        .keyEncoding(KeyEncoding.FLINK)
                        .build()));
        open(StoreOptions.builder().keySize(PartSize.fixed(8)).compression(Compression.NONE).build());
    }

    @Test
    void whether_a_store_exists_can_be_demanded_either_way() {
        Expect.code(ErrorCode.STORE_MISSING, () -> open(StoreOptions.builder().createIfMissing(false).build()));
        open(StoreOptions.builder().errorIfExists(true).build());
        Expect.code(ErrorCode.STORE_EXISTS, () -> open(StoreOptions.builder().errorIfExists(true).build()));
        open(StoreOptions.builder().createIfMissing(false).build());
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
