package dev.keybed.flink;

import dev.keybed.Engine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SavepointResources;
import org.apache.flink.runtime.state.SavepointSnapshotStrategy;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategyRunner;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.runtime.state.restore.FullSnapshotRestoreOperation;
import org.apache.flink.runtime.state.restore.KeyGroup;
import org.apache.flink.runtime.state.restore.KeyGroupEntry;
import org.apache.flink.runtime.state.restore.SavepointRestoreResult;
import org.apache.flink.runtime.state.restore.ThrowingIterator;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/** Backends without a job, ours and Flink's. */
final class Backends {
    static final int KEY_GROUPS = 128;
    static final KeyGroupRange ALL = KeyGroupRange.of(0, KEY_GROUPS - 1);

    private static final int LARGEST = 64 * 1024 * 1024;

    private Backends() {}

    /** A kind of backend. */
    enum Kind {
        HEAP,
        ROCKSDB,
        TABLE,
        TABLE_NATIVE_TIMERS,
        ROCKS,
        ROCKS_HEAP_TIMERS;

        StateBackend stateBackend() {
            return switch (this) {
                case HEAP -> new HashMapStateBackend();
                case ROCKSDB -> new EmbeddedRocksDBStateBackend();
                case TABLE -> Engines.backend(Engine.TABLE, TimerService.HEAP);
                case TABLE_NATIVE_TIMERS -> Engines.backend(Engine.TABLE, TimerService.NATIVE);
                case ROCKS -> Engines.backend(Engine.ROCKS, TimerService.NATIVE);
                case ROCKS_HEAP_TIMERS -> Engines.backend(Engine.ROCKS, TimerService.HEAP);
            };
        }

        /** Of the same engine, with timers elsewhere. */
        Kind otherTimers() {
            return switch (this) {
                case TABLE -> TABLE_NATIVE_TIMERS;
                case TABLE_NATIVE_TIMERS -> TABLE;
                case ROCKS -> ROCKS_HEAP_TIMERS;
                case ROCKS_HEAP_TIMERS -> ROCKS;
                default -> throw new IllegalStateException("not ours: " + this);
            };
        }
    }

    static <K> AbstractKeyedStateBackend<K> open(
            StateBackend stateBackend,
            MockEnvironment environment,
            TypeSerializer<K> keySerializer,
            KeyGroupRange groups,
            Collection<KeyedStateHandle> handles)
            throws Exception {
        return open(stateBackend, environment, keySerializer, groups, handles, new UnregisteredMetricsGroup());
    }

    static <K> AbstractKeyedStateBackend<K> open(
            StateBackend stateBackend,
            MockEnvironment environment,
            TypeSerializer<K> keySerializer,
            KeyGroupRange groups,
            Collection<KeyedStateHandle> handles,
            MetricGroup metrics)
            throws Exception {
        return open(stateBackend, environment, keySerializer, KEY_GROUPS, groups, handles, metrics);
    }

    static <K> AbstractKeyedStateBackend<K> open(
            StateBackend stateBackend,
            MockEnvironment environment,
            TypeSerializer<K> keySerializer,
            int keyGroups,
            KeyGroupRange groups,
            Collection<KeyedStateHandle> handles,
            MetricGroup metrics)
            throws Exception {
        return (AbstractKeyedStateBackend<K>) stateBackend.createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                environment,
                new JobID(),
                "operator",
                keySerializer,
                keyGroups,
                groups,
                environment.getTaskKvStateRegistry(),
                TtlTimeProvider.DEFAULT,
                metrics,
                (name, value) -> {},
                handles,
                new CloseableRegistry(),
                1.0));
    }

    static <K> AbstractKeyedStateBackend<K> open(
            Kind kind, MockEnvironment environment, TypeSerializer<K> keySerializer, Collection<KeyedStateHandle> handles)
            throws Exception {
        return open(kind.stateBackend(), environment, keySerializer, ALL, handles);
    }

    /** A canonical savepoint. */
    static <K> KeyedStateHandle savepoint(AbstractKeyedStateBackend<K> backend) throws Exception {
        SavepointResources<K> resources = backend.savepoint();
        return run(new SnapshotStrategyRunner<>(
                        "savepoint",
                        new SavepointSnapshotStrategy<>(resources.getSnapshotResources()),
                        new CloseableRegistry(),
                        resources.getPreferredSnapshotExecutionType())
                .snapshot(
                        1,
                        1,
                        new MemCheckpointStreamFactory(LARGEST),
                        CheckpointOptions.alignedNoTimeout(
                                org.apache.flink.runtime.checkpoint.SavepointType.savepoint(SavepointFormatType.CANONICAL),
                                org.apache.flink.runtime.state.CheckpointStorageLocationReference.getDefault())));
    }

    static <K> KeyedStateHandle checkpoint(AbstractKeyedStateBackend<K> backend, long id) throws Exception {
        return run(backend.snapshot(
                id,
                id,
                new MemCheckpointStreamFactory(LARGEST),
                CheckpointOptions.forCheckpointWithDefaultLocation()));
    }

    static KeyedStateHandle run(RunnableFuture<SnapshotResult<KeyedStateHandle>> future) throws Exception {
        if (!future.isDone()) {
            future.run();
        }
        return future.get().getJobManagerOwnedSnapshot();
    }

    /** The entries of a canonical snapshot: state name and key to value, in hex. */
    static <K> Map<String, String> entries(KeyedStateHandle handle, TypeSerializer<K> keySerializer) throws Exception {
        Map<String, String> entries = new TreeMap<>();
        FullSnapshotRestoreOperation<K> operation = new FullSnapshotRestoreOperation<>(
                ALL,
                Backends.class.getClassLoader(),
                List.of(handle),
                StateSerializerProvider.fromNewRegisteredSerializer(keySerializer));
        try (ThrowingIterator<SavepointRestoreResult> results = operation.restore()) {
            while (results.hasNext()) {
                SavepointRestoreResult result = results.next();
                List<String> names = new ArrayList<>();
                result.getStateMetaInfoSnapshots().forEach(metaInfo -> names.add(metaInfo.getName()));
                try (ThrowingIterator<KeyGroup> groups = result.getRestoredKeyGroups()) {
                    while (groups.hasNext()) {
                        try (ThrowingIterator<KeyGroupEntry> group = groups.next().getKeyGroupEntries()) {
                            while (group.hasNext()) {
                                KeyGroupEntry entry = group.next();
                                String key = names.get(entry.getKvStateId()) + " " + hex(entry.getKey());
                                if (entries.put(key, hex(entry.getValue())) != null) {
                                    throw new AssertionError("twice: " + key);
                                }
                            }
                        }
                    }
                }
            }
        }
        return entries;
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }
}
