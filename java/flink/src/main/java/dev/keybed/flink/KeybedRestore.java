package dev.keybed.flink;

import dev.keybed.Engine;
import dev.keybed.Snapshot;
import dev.keybed.StateInfo;
import dev.keybed.Store;
import dev.keybed.StoredCursor;
import dev.keybed.StoredSnapshot;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.state.AbstractIncrementalStateHandle;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.KeyExtractorFunction;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.RegisteredPriorityQueueStateBackendMetaInfo;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSet;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSetFactory;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSnapshotRestoreWrapper;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.restore.FullSnapshotRestoreOperation;
import org.apache.flink.runtime.state.restore.KeyGroup;
import org.apache.flink.runtime.state.restore.KeyGroupEntry;
import org.apache.flink.runtime.state.restore.SavepointRestoreResult;
import org.apache.flink.runtime.state.restore.ThrowingIterator;
import org.apache.flink.util.IOUtils;

/**
 * Makes the state of a backend from snapshots; without any, an empty one. Those in the {@link NativeFormat} are loaded as they are
 * ({@link Store#restore}). Of those in the canonical format, of any backend of Flink, values are put as they are, keys are
 * split by their serializers ({@link KeyParts}).
 */
final class KeybedRestore<K> {
    private final Collection<KeyedStateHandle> handles;
    private final StateSerializerProvider<K> keySerializer;
    private final ClassLoader userClassLoader;
    private final KeyGroupRange groups;
    private final int numberOfKeyGroups;
    private final int groupBytes;
    private final CloseableRegistry closeables;
    private final Stores<K> stores;
    private final HeapPriorityQueueSetFactory queueFactory;
    private final Map<String, RegisteredState<?, ?>> registered = new LinkedHashMap<>();
    private final Map<String, HeapPriorityQueueSnapshotRestoreWrapper<?>> queues = new HashMap<>();
    private final DataInputDeserializer timerInput = new DataInputDeserializer();
    private KeybedStates<K> states;
    private Increments increments;

    /** Makes the store, once it is known by which serializer keys are written. */
    interface Stores<K> {
        Engine engine();

        Store open(TypeSerializer<K> keySerializer);

        /** Whether the engine can take the snapshots as they are. */
        boolean canRestore(TypeSerializer<K> keySerializer, List<Path> snapshots);

        /** @param snapshots files and directories that have the key groups of the store */
        Store restore(TypeSerializer<K> keySerializer, List<Path> snapshots);

        /** Makes a file that either engine can read of a snapshot that is a directory, of its key groups in this range. */
        Path toFile(TypeSerializer<K> keySerializer, Path directory, KeyGroupRange groups) throws IOException;

        /** Of a store that has had no session; null if checkpoints are full. */
        Increments increments(Store store, List<IncrementalSource> sources);

        Transfers transfers();

        /** Whether timers go into the store. */
        boolean hasNativeTimers();

        /** A folder for these files, beside the store's. */
        Path downloads() throws IOException;
    }

    KeybedRestore(
            Collection<KeyedStateHandle> handles,
            StateSerializerProvider<K> keySerializer,
            ClassLoader userClassLoader,
            KeyGroupRange groups,
            int numberOfKeyGroups,
            CloseableRegistry closeables,
            Stores<K> stores) {
        this.handles = handles;
        this.keySerializer = keySerializer;
        this.userClassLoader = userClassLoader;
        this.groups = groups;
        this.numberOfKeyGroups = numberOfKeyGroups;
        this.groupBytes = CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix(numberOfKeyGroups);
        this.closeables = closeables;
        this.stores = stores;
        this.queueFactory =
                new HeapPriorityQueueSetFactory(groups, numberOfKeyGroups, KeybedStateBackend.INITIAL_TIMERS);
    }

    KeybedStates<K> states() {
        return states;
    }

    /** Null if checkpoints are full. */
    Increments increments() {
        return increments;
    }

    Map<String, RegisteredState<?, ?>> registered() {
        return registered;
    }

    Map<String, HeapPriorityQueueSnapshotRestoreWrapper<?>> queues() {
        return queues;
    }

    void run() throws Exception {
        List<KeyedStateHandle> canonical = new ArrayList<>();
        List<KeyGroupsStateHandle> blocks = new ArrayList<>();
        List<AbstractIncrementalStateHandle> incremental = new ArrayList<>();
        for (KeyedStateHandle handle : handles) {
            if (handle instanceof KeyGroupsStateHandle groupsHandle && isNative(groupsHandle)) {
                blocks.add(groupsHandle);
            } else if (handle instanceof AbstractIncrementalStateHandle incrementalHandle) {
                incremental.add(incrementalHandle);
            } else if (handle != null) {
                canonical.add(handle);
            }
        }
        if (!canonical.isEmpty()) {
            restoreCanonical(canonical);
        }
        if (!blocks.isEmpty() || !incremental.isEmpty()) {
            new NativeRestore<>(this, blocks, incremental, keySerializer, userClassLoader, groups, closeables, stores)
                    .run(canonical.isEmpty());
        }
        openStore();
        for (HeapPriorityQueueSnapshotRestoreWrapper<?> queue : queues.values()) {
            if (stores.hasNativeTimers()) {
                TimerTransfer.toStore(queue, states, groups);
            } else {
                TimerTransfer.toHeap(queue, states, groups);
            }
        }
    }

    private static boolean isNative(KeyGroupsStateHandle handle) throws IOException {
        try (FSDataInputStream in = handle.openInputStream()) {
            return new DataInputViewStreamWrapper(in).readInt() == NativeFormat.MAGIC;
        }
    }

    private void restoreCanonical(List<KeyedStateHandle> canonical) throws Exception {
        FullSnapshotRestoreOperation<K> operation =
                new FullSnapshotRestoreOperation<>(groups, userClassLoader, canonical, keySerializer);
        try (ThrowingIterator<SavepointRestoreResult> results = operation.restore()) {
            while (results.hasNext()) {
                restore(results.next());
            }
        }
    }

    /** Puts what a snapshot file has of our key groups, entry by entry. */
    void load(Path file) throws IOException {
        try (StoredSnapshot snapshot = Snapshot.read(file)) {
            for (StateInfo stored : snapshot.info().states()) {
                for (RegisteredState<?, ?> state : registered.values()) {
                    if (state.nativeState().name().equals(stored.name())) {
                        load(snapshot, state);
                    }
                }
                for (String queue : queues.keySet()) {
                    if (StateNames.ofTimers(queue).equals(stored.name())) {
                        loadTimers(snapshot, queue);
                    }
                }
            }
        } finally {
            states.moved();
        }
    }

    private dev.keybed.KeyGroupRange ours() {
        return new dev.keybed.KeyGroupRange(groups.getStartKeyGroup(), groups.getEndKeyGroup());
    }

    private void loadTimers(StoredSnapshot snapshot, String queue) {
        TimerStore timers = states.timers(queue);
        try (StoredCursor entries = snapshot.cursor(StateNames.ofTimers(queue), ours())) {
            while (entries.next()) {
                byte[] key = entries.key().readRemaining();
                int skipped = states.emptyKeyBytes();
                timers.put(entries.keyGroup(), key, skipped, key.length - skipped);
            }
        }
    }

    private void load(StoredSnapshot snapshot, RegisteredState<?, ?> state) throws IOException {
        KeyParts<K, ?> parts = parts(state);
        try (StoredCursor entries = snapshot.cursor(state.nativeState().name(), ours())) {
            while (entries.next()) {
                parts.split(entries.key().readRemaining(), 0);
                states.select(entries.keyGroup(), parts, state.isMap());
                states.value().write(entries.value().readRemaining());
                states.put(state.nativeState());
            }
        }
    }

    private KeyParts<K, ?> parts(RegisteredState<?, ?> state) {
        return new KeyParts<>(
                keySerializer.previousSchemaSerializer(), state.metaInfo().getPreviousNamespaceSerializer());
    }

    void openStore() {
        if (states == null) {
            setStore(stores.open(keySerializer.currentSchemaSerializer()), List.of());
        }
    }

    /** @param sources the incremental checkpoints of which the store has the files as they are */
    void setStore(Store store, List<IncrementalSource> sources) {
        try {
            increments = stores.increments(store, sources);
            states = new KeybedStates<>(store, keySerializer.currentSchemaSerializer(), stores.engine());
        } catch (Throwable e) {
            IOUtils.closeQuietly(increments);
            increments = null;
            store.close();
            throw e;
        }
    }

    RegisteredState<?, ?> registerState(StateMetaInfoSnapshot metaInfo) {
        return registered.computeIfAbsent(
                metaInfo.getName(),
                name -> RegisteredState.open(
                        states.session(),
                        (RegisteredKeyValueStateBackendMetaInfo<?, ?>)
                                RegisteredKeyValueStateBackendMetaInfo.fromMetaInfoSnapshot(metaInfo)));
    }

    HeapPriorityQueueSnapshotRestoreWrapper<?> registerQueue(StateMetaInfoSnapshot metaInfo) {
        return queues.computeIfAbsent(metaInfo.getName(), name -> newQueue(metaInfo));
    }

    private void restore(SavepointRestoreResult result) throws Exception {
        openStore();
        List<Loader> loaders = new ArrayList<>();
        for (StateMetaInfoSnapshot metaInfo : result.getStateMetaInfoSnapshots()) {
            loaders.add(loader(metaInfo));
        }
        try (ThrowingIterator<KeyGroup> keyGroups = result.getRestoredKeyGroups();
                Closeable cancelled = closeables.registerCloseableTemporarily(() -> close(keyGroups))) {
            while (keyGroups.hasNext()) {
                KeyGroup keyGroup = keyGroups.next();
                try (ThrowingIterator<KeyGroupEntry> entries = keyGroup.getKeyGroupEntries()) {
                    while (entries.hasNext()) {
                        KeyGroupEntry entry = entries.next();
                        loaders.get(entry.getKvStateId()).load(keyGroup.getKeyGroupId(), entry);
                    }
                }
            }
        } finally {
            states.moved();
        }
    }

    private static void close(ThrowingIterator<?> iterator) throws IOException {
        try {
            iterator.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** Takes the entries of one state. */
    private interface Loader {
        void load(int group, KeyGroupEntry entry) throws IOException;
    }

    private Loader loader(StateMetaInfoSnapshot metaInfo) {
        return switch (metaInfo.getBackendStateType()) {
            case KEY_VALUE, KEY_VALUE_V2 -> stateLoader(metaInfo);
            case PRIORITY_QUEUE -> timerLoader(registerQueue(metaInfo));
            default -> throw new IllegalStateException("Unexpected state type: " + metaInfo.getBackendStateType() + ".");
        };
    }

    private Loader stateLoader(StateMetaInfoSnapshot metaInfo) {
        RegisteredState<?, ?> state = registerState(metaInfo);
        KeyParts<K, ?> parts = parts(state);
        return (group, entry) -> {
            states.select(group, parts.split(entry.getKey(), groupBytes), state.isMap());
            states.value().write(entry.getValue());
            states.put(state.nativeState());
        };
    }

    private <T extends HeapPriorityQueueElement> Loader timerLoader(HeapPriorityQueueSnapshotRestoreWrapper<T> queue) {
        if (stores.hasNativeTimers()) {
            TimerStore store = states.timers(queue.getMetaInfo().getName());
            return (group, entry) ->
                    store.put(group, entry.getKey(), groupBytes, entry.getKey().length - groupBytes);
        }
        TypeSerializer<T> serializer = queue.getMetaInfo().getElementSerializer();
        HeapPriorityQueueSet<T> timers = queue.getPriorityQueue();
        return (group, entry) -> {
            timerInput.setBuffer(entry.getKey());
            timerInput.skipBytesToRead(groupBytes);
            timers.add(serializer.deserialize(timerInput));
        };
    }

    private <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            HeapPriorityQueueSnapshotRestoreWrapper<T> newQueue(StateMetaInfoSnapshot metaInfo) {
        RegisteredPriorityQueueStateBackendMetaInfo<T> queue =
                new RegisteredPriorityQueueStateBackendMetaInfo<>(metaInfo);
        return new HeapPriorityQueueSnapshotRestoreWrapper<>(
                queueFactory.create(queue.getName(), queue.getElementSerializer()),
                queue,
                KeyExtractorFunction.forKeyedObjects(),
                groups,
                numberOfKeyGroups);
    }
}
