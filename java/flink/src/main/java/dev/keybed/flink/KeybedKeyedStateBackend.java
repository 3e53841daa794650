package dev.keybed.flink;

import dev.keybed.Snapshot;
import dev.keybed.StateInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.HeapPriorityQueuesManager;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.SavepointResources;
import org.apache.flink.runtime.state.SnapshotExecutionType;
import org.apache.flink.runtime.state.SnapshotResources;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy;
import org.apache.flink.runtime.state.SnapshotStrategyRunner;
import org.apache.flink.runtime.state.StateSnapshotTransformer.StateSnapshotTransformFactory;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSetFactory;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.IOUtils;
import org.apache.flink.util.StateMigrationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keyed state of an operator instance, in a store of Keybed. {@link dev.keybed.flink the package} says how things fit
 * together.
 *
 * @param <K> the key
 */
public final class KeybedKeyedStateBackend<K> extends AbstractKeyedStateBackend<K> {
    private static final Logger LOG = LoggerFactory.getLogger(KeybedKeyedStateBackend.class);

    private final KeybedStates<K> states;
    private final Map<String, RegisteredState<?, ?>> registered;
    private final Map<String, AbstractKeybedState<K, ?, ?>> created = new HashMap<>();
    private final Timers timers;
    private final CompactionCleanup cleanup;
    private final LocalRecoveryConfig localRecovery;
    private final AutoCloseable memory;
    private final WorkingDirectory directory;
    /** Null if checkpoints are full. */
    private final Increments increments;

    private final Transfers transfers;
    private final BackendMetrics metrics;
    private boolean disposed;

    KeybedKeyedStateBackend(
            KeybedKeyedStateBackendBuilder<K> builder, KeybedRestore<K> restored, TypeSerializer<K> keySerializer) {
        super(
                builder.kvStateRegistry(),
                keySerializer,
                builder.userClassLoader(),
                builder.executionConfig(),
                builder.timeProvider(),
                builder.latencyTracking(),
                builder.sizeTracking(),
                builder.closeables(),
                builder.compression(),
                builder.keyContext());
        this.states = restored.states();
        this.registered = restored.registered();
        this.timers = builder.hasNativeTimers() ? nativeTimers(builder, restored) : heapTimers(restored);
        this.cleanup = new CompactionCleanup(states.store(), ttlTimeProvider);
        this.localRecovery = builder.localRecovery();
        this.memory = builder.memory();
        this.directory = builder.directory();
        this.increments = restored.increments();
        this.transfers = builder.transfers();
        this.metrics = builder.metrics(states.store());
    }

    private Timers heapTimers(KeybedRestore<K> restored) {
        return new HeapTimers(new HeapPriorityQueuesManager(
                restored.queues(),
                new HeapPriorityQueueSetFactory(keyGroupRange, numberOfKeyGroups, KeybedStateBackend.INITIAL_TIMERS),
                keyGroupRange,
                numberOfKeyGroups));
    }

    private Timers nativeTimers(KeybedKeyedStateBackendBuilder<K> builder, KeybedRestore<K> restored) {
        NativeTimers natives = new NativeTimers(
                states, keyGroupRange, numberOfKeyGroups, builder.options().get(KeybedOptions.TIMER_CACHE_SIZE));
        restored.queues().values().forEach(queue -> natives.restored(queue.getMetaInfo()));
        return natives;
    }

    KeybedStates<K> states() {
        return states;
    }

    // The current key.

    @Override
    public void setCurrentKey(K newKey) {
        super.setCurrentKey(newKey);
        states.setKey(newKey, getCurrentKeyGroupIndex());
        cleanup.keyChanged();
    }

    @Override
    public void setCurrentKeyAndKeyGroup(K newKey, int newKeyGroupIndex) {
        super.setCurrentKeyAndKeyGroup(newKey, newKeyGroupIndex);
        states.setKey(newKey, newKeyGroupIndex);
        cleanup.keyChanged();
    }

    // States.

    @Override
    public <N, SV, SEV, S extends State, IS extends S> IS createOrUpdateInternalState(
            TypeSerializer<N> namespaceSerializer,
            StateDescriptor<S, SV> descriptor,
            StateSnapshotTransformFactory<SEV> transformers)
            throws Exception {
        return createOrUpdateInternalState(namespaceSerializer, descriptor, transformers, false);
    }

    @Override
    public <N, SV, SEV, S extends State, IS extends S> IS createOrUpdateInternalState(
            TypeSerializer<N> namespaceSerializer,
            StateDescriptor<S, SV> descriptor,
            StateSnapshotTransformFactory<SEV> transformers,
            boolean allowFutureMetadataUpdates)
            throws Exception {
        RegisteredState<N, SV> state =
                register(namespaceSerializer, descriptor, transformers, allowFutureMetadataUpdates);
        cleanup.registered(state, descriptor);
        return createOrUpdate(state, descriptor);
    }

    @SuppressWarnings("unchecked")
    private <N, SV, SEV> RegisteredState<N, SV> register(
            TypeSerializer<N> namespaceSerializer,
            StateDescriptor<?, SV> descriptor,
            StateSnapshotTransformFactory<SEV> transformers,
            boolean allowFutureMetadataUpdates)
            throws Exception {
        RegisteredState<N, SV> state = (RegisteredState<N, SV>) registered.get(descriptor.getName());
        if (state == null) {
            state = RegisteredState.open(
                    states.session(),
                    new RegisteredKeyValueStateBackendMetaInfo<>(
                            descriptor.getType(),
                            descriptor.getName(),
                            namespaceSerializer,
                            descriptor.getSerializer(),
                            StateSnapshotTransformFactory.noTransform()));
            registered.put(descriptor.getName(), state);
        } else {
            updateRestored(state, namespaceSerializer, descriptor);
        }
        if (allowFutureMetadataUpdates) {
            state.setMetaInfo(state.metaInfo().withSerializerUpgradesAllowed());
        }
        state.metaInfo()
                .updateSnapshotTransformFactory(SnapshotTransformers.of(
                        descriptor, transformers, state.metaInfo().getStateSerializer()));
        return state;
    }

    private <N, SV> void updateRestored(
            RegisteredState<N, SV> state, TypeSerializer<N> namespaceSerializer, StateDescriptor<?, SV> descriptor)
            throws Exception {
        RegisteredKeyValueStateBackendMetaInfo<N, SV> metaInfo = state.metaInfo();
        // Asked before the update: afterwards an incompatible one is out of reach.
        TypeSerializer<N> previousNamespaceSerializer = metaInfo.getNamespaceSerializer();
        TypeSerializerSchemaCompatibility<N> namespaces = metaInfo.updateNamespaceSerializer(namespaceSerializer);
        if (namespaces.isCompatibleAfterMigration() || namespaces.isIncompatible()) {
            throw new StateMigrationException("The new namespace serializer (" + namespaceSerializer
                    + ") must be compatible with the old namespace serializer (" + previousNamespaceSerializer + ").");
        }
        metaInfo.checkStateMetaInfo(descriptor);
        TypeSerializer<SV> previousSerializer = metaInfo.getStateSerializer();
        TypeSerializer<SV> serializer = descriptor.getSerializer();
        TypeSerializerSchemaCompatibility<SV> values = metaInfo.updateStateSerializer(serializer);
        if (values.isIncompatible()) {
            throw new StateMigrationException("The new state serializer (" + serializer
                    + ") must not be incompatible with the old state serializer (" + previousSerializer + ").");
        }
        if (values.isCompatibleAfterMigration()) {
            LOG.info("Migrating state {}: the format of its values has changed.", descriptor);
            cleanup.migrating(state);
            Migration.run(this, createOrUpdate(state, descriptor), keyGroupRange, keySerializer, ttlTimeProvider);
        }
    }

    @SuppressWarnings("unchecked")
    private <N, SV, R> R createOrUpdate(RegisteredState<N, SV> state, StateDescriptor<?, SV> descriptor) {
        AbstractKeybedState<K, N, SV> existing = (AbstractKeybedState<K, N, SV>) created.get(descriptor.getName());
        if (existing == null) {
            existing = create(state, descriptor);
            created.put(descriptor.getName(), existing);
        } else {
            existing.update(descriptor);
        }
        return (R) existing;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private <N, SV> AbstractKeybedState<K, N, SV> create(
            RegisteredState<N, SV> state, StateDescriptor<?, SV> descriptor) {
        RegisteredState raw = state;
        StateDescriptor rawDescriptor = descriptor;
        return switch (descriptor.getType()) {
            case VALUE -> new KeybedValueState<>(this, state, descriptor);
            case LIST -> new KeybedListState(this, raw, rawDescriptor);
            case MAP -> new KeybedMapState(this, raw, rawDescriptor);
            case REDUCING -> new KeybedReducingState<>(this, state, descriptor);
            case AGGREGATING -> new KeybedAggregatingState<>(this, state, descriptor);
            default -> throw new FlinkRuntimeException(
                    String.format("State %s is not supported by %s", descriptor.getClass(), getClass()));
        };
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(String stateName, TypeSerializer<T> elementSerializer) {
        return timers.create(stateName, elementSerializer, false);
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(
                    String stateName, TypeSerializer<T> elementSerializer, boolean allowFutureMetadataUpdates) {
        return timers.create(stateName, elementSerializer, allowFutureMetadataUpdates);
    }

    // All keys.

    @Override
    public <N> Stream<K> getKeys(String state, N namespace) {
        return getKeys(List.of(state), namespace);
    }

    @Override
    public <N> Stream<K> getKeys(List<String> names, N namespace) {
        List<StateKeys<K, N>> scans = new ArrayList<>();
        for (String name : names) {
            RegisteredState<N, ?> state = registeredState(name);
            if (state != null) {
                scans.add(new StateKeys<>(states, state, keySerializer, keyGroupRange, namespace));
            }
        }
        if (scans.isEmpty()) {
            return Stream.empty();
        }
        MergedKeys<K> keys = new MergedKeys<>(scans);
        return stream(keys).onClose(keys::close);
    }

    @Override
    public <N> Stream<Tuple2<K, N>> getKeysAndNamespaces(String name) {
        RegisteredState<N, ?> state = registeredState(name);
        if (state == null) {
            return Stream.empty();
        }
        KeysAndNamespaces<K, N> keys =
                new KeysAndNamespaces<>(new StateKeys<>(states, state, keySerializer, keyGroupRange, null));
        return stream(keys).onClose(keys::close);
    }

    @SuppressWarnings("unchecked")
    private <N> RegisteredState<N, ?> registeredState(String name) {
        return (RegisteredState<N, ?>) registered.get(name);
    }

    private static <T> Stream<T> stream(java.util.Iterator<T> iterator) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator, Spliterator.ORDERED), false);
    }

    // Snapshots.

    @Override
    public RunnableFuture<SnapshotResult<KeyedStateHandle>> snapshot(
            long checkpointId, long timestamp, CheckpointStreamFactory streams, CheckpointOptions options)
            throws Exception {
        return increments != null && !options.getCheckpointType().isSavepoint()
                ? run("Keybed incremental snapshot", incrementalStrategy(), checkpointId, timestamp, streams, options)
                : run(
                        "Keybed full snapshot",
                        new FullSnapshotStrategy<>(this::fullSnapshot, localRecovery),
                        checkpointId,
                        timestamp,
                        streams,
                        options);
    }

    private <R extends SnapshotResources> RunnableFuture<SnapshotResult<KeyedStateHandle>> run(
            String description,
            SnapshotStrategy<KeyedStateHandle, R> strategy,
            long checkpointId,
            long timestamp,
            CheckpointStreamFactory streams,
            CheckpointOptions options)
            throws Exception {
        return new SnapshotStrategyRunner<>(
                        description,
                        metrics.measured(strategy),
                        cancelStreamRegistry,
                        SnapshotExecutionType.ASYNCHRONOUS)
                .snapshot(checkpointId, timestamp, streams, options);
    }

    private IncrementalSnapshotStrategy<K> incrementalStrategy() {
        return new IncrementalSnapshotStrategy<>(increments, this::snapshotHead, directory, localRecovery, transfers);
    }

    private FullSnapshot<K> snapshotHead() {
        return FullSnapshot.withoutStates(
                registered.values(),
                timers,
                keyGroupRange,
                numberOfKeyGroups,
                keySerializer,
                keyGroupCompressionDecorator);
    }

    @Override
    public SavepointResources<K> savepoint() {
        return new SavepointResources<>(fullSnapshot(), SnapshotExecutionType.ASYNCHRONOUS);
    }

    private FullSnapshot<K> fullSnapshot() {
        cleanup.tellTime();
        // As long as the native snapshot is open, so is the store with its files.
        directory.hold();
        try {
            return FullSnapshot.take(
                    states.store(),
                    registered.values(),
                    timers,
                    keyGroupRange,
                    numberOfKeyGroups,
                    keySerializer,
                    keyGroupCompressionDecorator,
                    directory::release);
        } catch (Throwable e) {
            directory.release();
            throw e;
        }
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        if (increments != null) {
            increments.uploaded().confirmed(checkpointId);
        }
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) {
        if (increments != null) {
            increments.uploaded().forget(checkpointId);
        }
    }

    /** Timers are in our own snapshots. */
    @Override
    public boolean requiresLegacySynchronousTimerSnapshots(SnapshotType checkpointType) {
        return false;
    }

    /**
     * State is bytes, so whoever gave a key or a value may change it afterwards. Timers on the heap refer to their keys: they are
     * not safe then. Flink SQL asks, and gives its windows one key object for all of them where this says that it may.
     */
    @Override
    public boolean isSafeToReuseKVState() {
        return timers instanceof NativeTimers;
    }

    /**
     * Abstract from Flink 2.2 on; unknown to 2.1, against which this is compiled.
     *
     * @return the name of this kind of backend
     */
    public String getBackendTypeIdentifier() {
        return KeybedStateBackend.NAME;
    }

    TypeSerializer<?> serializerOf(String state) {
        return registered.get(state).metaInfo().getStateSerializer();
    }

    /**
     * Rewrites the files of a state now, drops what is over in them, and waits for it; for tests and benchmarks. Does nothing
     * on the table.
     *
     * @param descriptor of a state that has been created
     */
    public void compactState(StateDescriptor<?, ?> descriptor) {
        cleanup.tellTime();
        states.store().compact(registered.get(descriptor.getName()).nativeState().name());
    }

    @Override
    public int numKeyValueStateEntries() {
        long entries = 0;
        try (Snapshot snapshot = states.store().snapshot()) {
            for (StateInfo state : snapshot.states()) {
                if (StateNames.isOfTimers(state.name())) {
                    continue;
                }
                for (int group : keyGroupRange) {
                    entries += snapshot.count(state.name(), group);
                }
            }
        }
        return Math.toIntExact(entries);
    }

    // The end.

    @Override
    public void dispose() {
        if (disposed) {
            return;
        }
        disposed = true;
        super.dispose();
        IOUtils.closeQuietly(increments);
        metrics.close();
        IOUtils.closeQuietly(states);
        IOUtils.closeQuietly(memory);
        created.clear();
        registered.clear();
        directory.release();
    }
}
