package dev.keybed.flink;

import dev.keybed.Engine;
import dev.keybed.Store;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.SnapshotResources;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy;
import org.apache.flink.runtime.state.StateObject;

/**
 * The gauges of a backend, in a group {@code keybed} of the operator's. They are read by Flink's threads, also after the backend is
 * disposed, and then tell what they told last.
 *
 * <ul>
 *   <li>the store's figures by their names ({@link Store#figures()}), and those of RocksDB that options ask for ({@link
 *       KeybedMetricOptions});
 *   <li>of the last checkpoint: {@code snapshot-sync-millis}, {@code snapshot-async-millis}, {@code snapshot-bytes}.
 * </ul>
 */
final class BackendMetrics implements AutoCloseable {
    static final String GROUP = "keybed";

    private final StoreFigures figures;
    // Of the last snapshot that was completed; written by the task's thread and those of snapshots.
    private volatile long syncNanos;
    private volatile long asyncNanos;
    private volatile long bytes;

    BackendMetrics(MetricGroup operator, Store store, ReadableConfig options) {
        boolean rocks = options.get(KeybedOptions.ENGINE) == Engine.ROCKS;
        boolean properties = rocks && options.get(KeybedMetricOptions.ROCKS_PROPERTIES);
        boolean counts = rocks && options.get(KeybedMetricOptions.ROCKS_STATISTICS);
        figures = new StoreFigures(store, properties, counts);
        MetricGroup group = operator.addGroup(GROUP);
        for (String name : figures.names()) {
            group.gauge(name, (Gauge<Long>) () -> figures.get(name));
        }
        group.gauge("snapshot-sync-millis", (Gauge<Long>) () -> TimeUnit.NANOSECONDS.toMillis(syncNanos));
        group.gauge("snapshot-async-millis", (Gauge<Long>) () -> TimeUnit.NANOSECONDS.toMillis(asyncNanos));
        group.gauge("snapshot-bytes", (Gauge<Long>) () -> bytes);
    }

    /** The same strategy, measured. */
    <S extends StateObject, R extends SnapshotResources> SnapshotStrategy<S, R> measured(SnapshotStrategy<S, R> strategy) {
        return new SnapshotStrategy<>() {
            /** Of the snapshot that was prepared last; both parts are called by the task's thread, one after the other. */
            private long prepared;

            @Override
            public R syncPrepareResources(long checkpointId) throws Exception {
                long start = System.nanoTime();
                R resources = strategy.syncPrepareResources(checkpointId);
                prepared = System.nanoTime() - start;
                return resources;
            }

            @Override
            public SnapshotResultSupplier<S> asyncSnapshot(
                    R resources,
                    long checkpointId,
                    long timestamp,
                    CheckpointStreamFactory streams,
                    CheckpointOptions options) {
                long sync = prepared;
                SnapshotResultSupplier<S> supplier =
                        strategy.asyncSnapshot(resources, checkpointId, timestamp, streams, options);
                return closeables -> {
                    long start = System.nanoTime();
                    SnapshotResult<S> result = supplier.get(closeables);
                    syncNanos = sync;
                    asyncNanos = System.nanoTime() - start;
                    bytes = result.getStateSize();
                    return result;
                };
            }
        };
    }

    /** Before the store is closed. */
    @Override
    public void close() {
        figures.close();
    }
}
