package dev.keybed.bench.flink;

import dev.keybed.flink.KeybedKeyedStateBackend;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;
import org.apache.flink.state.rocksdb.RocksDBKeyedStateBackend;

/** A backend without a job, with keys of type Long; its files are in a directory that goes with it. */
final class OpenBackend implements AutoCloseable {
    private final Path directory = TemporaryDirectory.create();
    private final MockEnvironment environment;
    final AbstractKeyedStateBackend<Long> backend;

    /** A new one, or one that goes on from snapshots. */
    OpenBackend(
            StateBackend stateBackend, int keyGroups, KeyGroupRange range, Collection<KeyedStateHandle> handles)
            throws Exception {
        environment = MockEnvironment.builder()
                .setTaskManagerRuntimeInfo(new TestingTaskManagerRuntimeInfo(
                        new org.apache.flink.configuration.Configuration(), directory.toFile()))
                .build();
        backend = (AbstractKeyedStateBackend<Long>)
                stateBackend.<Long>createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                        environment,
                        new JobID(),
                        "operator",
                        LongSerializer.INSTANCE,
                        keyGroups,
                        range,
                        environment.getTaskKvStateRegistry(),
                        TtlTimeProvider.DEFAULT,
                        new UnregisteredMetricsGroup(),
                        (name, value) -> {},
                        handles,
                        new CloseableRegistry(),
                        1.0));
    }

    /** A new one as the benchmarks of states have it: two key groups. */
    static OpenBackend of(BackendKind kind) throws Exception {
        return new OpenBackend(kind.stateBackend(false), 2, new KeyGroupRange(0, 1), List.of());
    }

    <S extends State> S state(StateDescriptor<S, ?> descriptor) throws Exception {
        return backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
    }

    /** RocksDB compacts a state, as flink-benchmarks has Flink's do between iterations; the others do nothing. */
    void compact(StateDescriptor<?, ?> descriptor) throws Exception {
        if (backend instanceof RocksDBKeyedStateBackend<Long> rocks) {
            rocks.compactState(descriptor);
        } else if (backend instanceof KeybedKeyedStateBackend<Long> keybed) {
            keybed.compactState(descriptor);
        }
    }

    @Override
    public void close() throws Exception {
        backend.dispose();
        environment.close();
        TemporaryDirectory.delete(directory);
    }
}
