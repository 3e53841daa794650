package dev.keybed.flink;

import dev.keybed.Engine;
import dev.keybed.KeyEncoding;
import dev.keybed.Snapshot;
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
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.memory.OpaqueMemoryResource;
import org.apache.flink.runtime.query.TaskKvStateRegistry;
import org.apache.flink.runtime.state.AbstractKeyedStateBackendBuilder;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.StateBackend.KeyedStateBackendParameters;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.InternalKeyContext;
import org.apache.flink.runtime.state.InternalKeyContextImpl;
import org.apache.flink.runtime.state.metrics.LatencyTrackingStateConfig;
import org.apache.flink.runtime.state.metrics.SizeTrackingStateConfig;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.FileUtils;
import org.apache.flink.util.IOUtils;

/** Restores and opens the state of an operator instance. When it fails, nothing is left. */
final class KeybedKeyedStateBackendBuilder<K> extends AbstractKeyedStateBackendBuilder<K> {
    private final ReadableConfig options;
    private final Engine engine;
    private final Path directory;
    /** Null if there is no limit. */
    private final OpaqueMemoryResource<SlotMemory> memory;

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
        this.directory = directory;
        this.memory = memory;
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
            Files.createDirectories(directory.getParent());
            restore.run();
            return new KeybedKeyedStateBackend<>(this, restore, keySerializerProvider.currentSchemaSerializer());
        } catch (Throwable e) {
            // Whatever it was: what is open must be closed.
            IOUtils.closeQuietly(restore.states());
            IOUtils.closeQuietly(memory);
            FileUtils.deleteDirectoryQuietly(directory.toFile());
            throw new BackendBuildingException("Failed when trying to build or restore Keybed's state backend", e);
        } finally {
            FileUtils.deleteDirectoryQuietly(downloads().toFile());
        }
    }

    private Path downloads() {
        return directory.resolveSibling(directory.getFileName() + "_restore");
    }

    private final class Stores implements KeybedRestore.Stores<K> {
        @Override
        public Store open(TypeSerializer<K> keySerializer) {
            return Store.open(directory, options(keySerializer));
        }

        @Override
        public Store restore(TypeSerializer<K> keySerializer, List<Path> snapshots) {
            return Store.restore(directory, options(keySerializer), snapshots);
        }

        /** A table must know where the key part of a map's entry ends, and RocksDB does not say unless keys are of one size. */
        @Override
        public boolean canRestore(TypeSerializer<K> keySerializer, List<Path> snapshots) {
            if (engine != Engine.TABLE || !KeyParts.isOpen(KeyParts.sizeOf(keySerializer))) {
                return true;
            }
            for (Path file : snapshots) {
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
        public boolean hasNativeTimers() {
            return KeybedKeyedStateBackendBuilder.this.hasNativeTimers();
        }

        @Override
        public Path downloads() throws IOException {
            return Files.createDirectories(KeybedKeyedStateBackendBuilder.this.downloads());
        }
    }

    /** By default where the state is larger than memory. */
    boolean hasNativeTimers() {
        TimerService byDefault = engine == Engine.ROCKS ? TimerService.NATIVE : TimerService.HEAP;
        return options.getOptional(KeybedOptions.TIMER_SERVICE).orElse(byDefault) == TimerService.NATIVE;
    }

    private StoreOptions options(TypeSerializer<K> keySerializer) {
        StoreOptionsBuilder options = StoreOptions.builder()
                .engine(engine)
                .keyEncoding(KeyEncoding.FLINK)
                .maxParallelism(numberOfKeyGroups)
                .keySize(KeyParts.sizeOf(keySerializer))
                .errorIfExists(true);
        if (keyGroupRange.getNumberOfKeyGroups() > 0) {
            options.keyGroups(
                    new dev.keybed.KeyGroupRange(keyGroupRange.getStartKeyGroup(), keyGroupRange.getEndKeyGroup()));
        }
        if (engine == Engine.TABLE) {
            options.tableFlushOnClose(false);
        }
        if (memory != null) {
            options.memorySlot(memory.getResourceHandle().name())
                    .memoryLimitBytes(memory.getResourceHandle().bytes());
        }
        return options.build();
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

    AutoCloseable memory() {
        return memory;
    }

    ReadableConfig options() {
        return options;
    }

    Path directory() {
        return directory;
    }
}
