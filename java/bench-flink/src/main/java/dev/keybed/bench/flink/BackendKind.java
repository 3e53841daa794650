package dev.keybed.bench.flink;

import dev.keybed.Compression;
import dev.keybed.Engine;
import dev.keybed.flink.KeybedOptions;
import dev.keybed.flink.KeybedRocksOptions;
import dev.keybed.flink.KeybedStateBackend;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.state.rocksdb.RocksDBOptions;

/** What is measured. */
public enum BackendKind {
    /** Flink's hash maps on the Java heap. */
    HEAP,
    /** Flink's RocksDB with its defaults but for managed memory, as in flink-benchmarks. */
    ROCKSDB,
    /** Keybed's table; no limit of its memory. */
    KEYBED_TABLE,
    /** Keybed on RocksDB, with the RocksDB options of {@link #ROCKSDB}. */
    KEYBED_ROCKS;

    /**
     * Flink's defaults: 64 MB write buffers, a block cache of 8 MB, no bloom filters. Flink compresses with Snappy, which our
     * RocksDB is built without; LZ4 is its equal.
     */
    private static void asFlink(Configuration configuration) {
        configuration.set(KeybedRocksOptions.WRITE_BUFFER_SIZE, MemorySize.ofMebiBytes(64));
        configuration.set(KeybedRocksOptions.BLOCK_CACHE_SIZE, MemorySize.ofMebiBytes(8));
        configuration.set(KeybedRocksOptions.USE_BLOOM_FILTER, false);
        configuration.set(KeybedRocksOptions.MEMTABLE_BLOOM_RATIO, 0.0);
        configuration.set(KeybedRocksOptions.COMPRESSION, Compression.LZ4);
    }

    StateBackend stateBackend(boolean incremental) {
        Configuration configuration = new Configuration();
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incremental);
        ClassLoader loader = BackendKind.class.getClassLoader();
        return switch (this) {
            case HEAP -> new HashMapStateBackend();
            case ROCKSDB -> {
                configuration.set(RocksDBOptions.USE_MANAGED_MEMORY, false);
                yield new EmbeddedRocksDBStateBackend().configure(configuration, loader);
            }
            case KEYBED_TABLE -> {
                configuration.set(KeybedOptions.ENGINE, Engine.TABLE);
                configuration.set(KeybedOptions.USE_MANAGED_MEMORY, false);
                yield new KeybedStateBackend().configure(configuration, loader);
            }
            case KEYBED_ROCKS -> {
                configuration.set(KeybedOptions.ENGINE, Engine.ROCKS);
                configuration.set(KeybedOptions.USE_MANAGED_MEMORY, false);
                asFlink(configuration);
                yield new KeybedStateBackend().configure(configuration, loader);
            }
        };
    }
}
