package dev.keybed.flink;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/** Options of metrics that cost something; the others are always there. */
public final class KeybedMetricOptions {

    /** RocksDB's properties. */
    public static final ConfigOption<Boolean> ROCKS_PROPERTIES = key("state.backend.keybed.metrics.rocks-properties")
            .booleanType()
            .defaultValue(false)
            .withDescription("Gauges of RocksDB's properties, summed over the states: estimated entries, table readers, live files,"
                    + " pending compactions, flushes and compactions that run, whether writes are delayed or stopped. RocksDB"
                    + " holds a lock for each that is read.");

    /** RocksDB's statistics. */
    public static final ConfigOption<Boolean> ROCKS_STATISTICS = key("state.backend.keybed.metrics.rocks-statistics")
            .booleanType()
            .defaultValue(false)
            .withDescription("RocksDB counts what it does, and gauges tell it: hits and misses of the block cache and of write"
                    + " buffers, bytes read, written, flushed and compacted, time that writes have waited. Slows each access"
                    + " down a little.");

    private KeybedMetricOptions() {}

    static List<ConfigOption<?>> all() {
        return List.of(ROCKS_PROPERTIES, ROCKS_STATISTICS);
    }
}
