package dev.keybed.flink;

import dev.keybed.Engine;
import dev.keybed.KeyEncoding;
import dev.keybed.KeybedException;
import dev.keybed.Snapshot;
import dev.keybed.SnapshotOptions;
import dev.keybed.StateKind;
import dev.keybed.Store;
import dev.keybed.StoreOptions;
import dev.keybed.StoreOptionsBuilder;
import dev.keybed.StoredSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.memory.OpaqueMemoryResource;
import org.apache.flink.runtime.query.TaskKvStateRegistry;
import org.apache.flink.runtime.state.AbstractKeyedStateBackendBuilder;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.StateBackend.KeyedStateBackendParameters;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.InternalKeyContext;
import org.apache.flink.runtime.state.InternalKeyContextImpl;
import org.apache.flink.runtime.state.metrics.LatencyTrackingStateConfig;
import org.apache.flink.runtime.state.metrics.SizeTrackingStateConfig;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.IOUtils;

/** Restores and opens the state of an operator instance. When it fails, nothing is left. */
final class KeybedKeyedStateBackendBuilder<K> extends AbstractKeyedStateBackendBuilder<K> {
    /** The most that a store takes of key group, key, namespace and map key together. */
    private static final int LARGEST_KEY = 1 << 20;

    /** The most that a store takes of a value that is put at once. */
    private static final int LARGEST_VALUE = 512 << 20;

    private final ReadableConfig options;
    private final Engine engine;
    private final WorkingDirectory directory;
    private final Transfers transfers;
    /** Null if there is no limit. */
    private final OpaqueMemoryResource<SlotMemory> memory;

    private final MetricGroup metricGroup;
    private final LocalRecoveryConfig localRecovery;
    private final CloseableRegistry backendCloseables = new CloseableRegistry();

    KeybedKeyedStateBackendBuilder(
            KeyedStateBackendParameters<K> parameters,
            ReadableConfig options,
            Path directory,
            OpaqueMemoryResource<SlotMemory> memory,
            LatencyTrackingStateConfig latencyTracking,
            SizeTrackingStateConfig sizeTracking,
            StreamCompressionDecorator compression) {
        super(
                parameters.getKvStateRegistry(),
                parameters.getKeySerializer(),
                parameters.getEnv().getUserCodeClassLoader().asClassLoader(),
                parameters.getNumberOfKeyGroups(),
                parameters.getKeyGroupRange(),
                parameters.getEnv().getExecutionConfig(),
                parameters.getTtlTimeProvider(),
                latencyTracking,
                sizeTracking,
                parameters.getStateHandles(),
                compression,
                parameters.getCancelStreamRegistry());
        this.options = options;
        this.engine = options.get(KeybedOptions.ENGINE);
        this.directory = new WorkingDirectory(directory);
        this.transfers = new Transfers(options.get(KeybedOptions.CHECKPOINT_TRANSFER_THREAD_NUM));
        this.memory = memory;
        this.metricGroup = parameters.getMetricGroup();
        this.localRecovery = parameters.getEnv().getTaskStateManager().createLocalRecoveryConfig();
    }

    @Override
    public KeybedKeyedStateBackend<K> build() throws BackendBuildingException {
        KeybedRestore<K> restore = new KeybedRestore<>(
                restoreStateHandles,
                keySerializerProvider,
                userCodeClassLoader,
                keyGroupRange,
                numberOfKeyGroups,
                cancelStreamRegistry,
                new Stores());
        try {
            directory.create();
            restore.run();
            return new KeybedKeyedStateBackend<>(this, restore, keySerializerProvider.currentSchemaSerializer());
        } catch (Throwable e) {
            // Whatever it was: what is open must be closed.
            IOUtils.closeQuietly(restore.increments());
            IOUtils.closeQuietly(restore.states());
            IOUtils.closeQuietly(memory);
            directory.release();
            throw new BackendBuildingException(
                    "Failed when trying to build or restore Keybed's state backend",
                    e instanceof KeybedException failure ? KeybedStates.explained(failure) : e);
        } finally {
            WorkingDirectory.delete(directory.restore());
        }
    }

    private final class Stores implements KeybedRestore.Stores<K> {
        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public Store open(TypeSerializer<K> keySerializer) {
            return Store.open(directory.store(), options(keySerializer).build());
        }

        @Override
        public Store restore(TypeSerializer<K> keySerializer, List<Path> snapshots) {
            return Store.restore(directory.store(), options(keySerializer).build(), snapshots);
        }

        /** A table must know where the key part of a map's entry ends, and RocksDB does not say unless keys are of one size. */
        @Override
        public boolean canRestore(TypeSerializer<K> keySerializer, List<Path> snapshots) {
            if (engine == Engine.TABLE && snapshots.stream().anyMatch(KeybedKeyedStateBackendBuilder::isOfRocks)) {
                return false;
            }
            if (engine != Engine.TABLE || !KeyParts.isOpen(KeyParts.sizeOf(keySerializer))) {
                return true;
            }
            for (Path file : snapshots.stream().filter(Files::isRegularFile).toList()) {
                try (StoredSnapshot snapshot = Snapshot.read(file)) {
                    if (snapshot.info().engine() == Engine.ROCKS
                            && snapshot.info().states().stream().anyMatch(state -> state.kind() == StateKind.MAP)) {
                        return false;
                    }
                }
            }
            return true;
        }

        @Override
        public Path toFile(TypeSerializer<K> keySerializer, Path snapshot, KeyGroupRange groups) throws IOException {
            Path place = Files.createTempDirectory(downloads(), "other");
            Path file = place.resolve("all.kbs");
            StoreOptions like = identity(keySerializer, Snapshot.readFiles(snapshot).engine(), groups)
                    .tableFlushOnClose(false)
                    .build();
            try (Store store = Store.restore(place.resolve("store"), like, List.of(snapshot));
                    Snapshot all = store.snapshot()) {
                all.writeTo(file, SnapshotOptions.defaults());
            }
            WorkingDirectory.delete(place.resolve("store"));
            return file;
        }

        @Override
        public Increments increments(Store store, List<IncrementalSource> sources) {
            if (!options.get(CheckpointingOptions.INCREMENTAL_CHECKPOINTS)) {
                return null;
            }
            SnapshotOptions how = SnapshotOptions.builder()
                    .compression(FullSnapshot.compression(keyGroupCompressionDecorator))
                    .build();
            return Increments.of(store, how, keyGroupRange, sources, new UploadedFiles(engine == Engine.ROCKS));
        }

        @Override
        public Transfers transfers() {
            return transfers;
        }

        @Override
        public boolean hasNativeTimers() {
            return KeybedKeyedStateBackendBuilder.this.hasNativeTimers();
        }

        @Override
        public Path downloads() throws IOException {
            return Files.createDirectories(directory.restore());
        }
    }

    /** Whether these are RocksDB's own files. */
    private static boolean isOfRocks(Path snapshot) {
        return Files.isDirectory(snapshot) && Snapshot.readFiles(snapshot).engine() == Engine.ROCKS;
    }

    /** By default where the state is larger than memory. */
    boolean hasNativeTimers() {
        TimerService byDefault = engine == Engine.ROCKS ? TimerService.NATIVE : TimerService.HEAP;
        return options.getOptional(KeybedOptions.TIMER_SERVICE).orElse(byDefault) == TimerService.NATIVE;
    }

    private StoreOptionsBuilder identity(TypeSerializer<K> keySerializer, Engine engine, KeyGroupRange groups) {
        StoreOptionsBuilder options = StoreOptions.builder()
                .engine(engine)
                .keyEncoding(KeyEncoding.FLINK)
                .maxParallelism(numberOfKeyGroups)
                .keySize(KeyParts.sizeOf(keySerializer))
                .maxKeyBytes(LARGEST_KEY)
                .maxValueBytes(LARGEST_VALUE)
                .errorIfExists(true);
        if (groups.getNumberOfKeyGroups() > 0) {
            options.keyGroups(new dev.keybed.KeyGroupRange(groups.getStartKeyGroup(), groups.getEndKeyGroup()));
        }
        return options;
    }

    private StoreOptionsBuilder options(TypeSerializer<K> keySerializer) {
        StoreOptionsBuilder options = identity(keySerializer, engine, keyGroupRange);
        if (engine == Engine.TABLE) {
            options.tableFlushOnClose(false);
        } else {
            KeybedRocksOptions.apply(this.options, options);
        }
        if (memory != null) {
            options.memorySlot(memory.getResourceHandle().name())
                    .memoryLimitBytes(memory.getResourceHandle().bytes());
        }
        return options;
    }

    // For the backend.

    TaskKvStateRegistry kvStateRegistry() {
        return kvStateRegistry;
    }

    ClassLoader userClassLoader() {
        return userCodeClassLoader;
    }

    ExecutionConfig executionConfig() {
        return executionConfig;
    }

    TtlTimeProvider timeProvider() {
        return ttlTimeProvider;
    }

    LatencyTrackingStateConfig latencyTracking() {
        return latencyTrackingStateConfig;
    }

    SizeTrackingStateConfig sizeTracking() {
        return sizeTrackingStateConfig;
    }

    CloseableRegistry closeables() {
        return backendCloseables;
    }

    StreamCompressionDecorator compression() {
        return keyGroupCompressionDecorator;
    }

    InternalKeyContext<K> keyContext() {
        return new InternalKeyContextImpl<>(keyGroupRange, numberOfKeyGroups);
    }

    LocalRecoveryConfig localRecovery() {
        return localRecovery;
    }

    BackendMetrics metrics(Store store) {
        return new BackendMetrics(metricGroup, store, options);
    }

    AutoCloseable memory() {
        return memory;
    }

    ReadableConfig options() {
        return options;
    }

    WorkingDirectory directory() {
        return directory;
    }

    Transfers transfers() {
        return transfers;
    }
}
