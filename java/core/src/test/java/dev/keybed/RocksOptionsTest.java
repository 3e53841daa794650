package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only the engine ROCKS promises of its options. */
class RocksOptionsTest {
    @TempDir
    Path directory;

    @BeforeEach
    void requireRocks() {
        Assumptions.assumeTrue(EngineTest.engines().contains(Engine.ROCKS), "the tests run on another engine");
    }

    private void open(StoreOptionsBuilder options) {
        Store.open(directory.resolve("store"), options.build()).close();
    }

    private static StoreOptionsBuilder rocks() {
        return StoreOptions.builder().engine(Engine.ROCKS);
    }

    @Test
    void every_compression_is_one_that_rocksdb_knows_and_may_change() {
        for (Compression compression : Compression.values()) {
            open(rocks().compression(compression));
        }
    }

    @Test
    void a_bad_option_of_rocksdbs_own_is_named_with_its_value() {
        String message = Expect.code(ErrorCode.INVALID_OPTION, () -> open(rocks().rocksOptions("no_such_option=1")));
        assertTrue(message.contains("rocks.options") && message.contains("no_such_option"), message);
    }

    @Test
    void the_engine_of_a_store_cannot_change() {
        open(rocks());
        String message = Expect.code(ErrorCode.OPTIONS_MISMATCH, () -> open(rocks().engine(Engine.TABLE)));
        assertTrue(message.contains("engine=rocks"), message);
        open(rocks());
    }
}
