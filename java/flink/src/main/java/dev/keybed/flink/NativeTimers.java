package dev.keybed.flink;

import dev.keybed.Block;
import dev.keybed.flink.FullSnapshot.QueueInSnapshot;
import dev.keybed.flink.FullSnapshot.StateInSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.KeyExtractorFunction;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.PriorityComparator;
import org.apache.flink.runtime.state.RegisteredPriorityQueueStateBackendMetaInfo;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.KeyGroupPartitionedPriorityQueue;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.StateMigrationException;

/**
 * Timers in the store: a {@link NativeTimerQueue} for each key group, put together by Flink's own queue over key groups. They are
 * part of each native snapshot, like all state.
 */
final class NativeTimers implements Timers {
    private static final int PAGE = 256;

    private final KeybedStates<?> states;
    private final KeyGroupRange groups;
    private final int numberOfKeyGroups;
    private final int cacheSize;
    private final Map<String, Registered<?>> registered = new LinkedHashMap<>();

    /** A queue, once it is asked for, and what snapshots say of it. */
    private static final class Registered<T> {
        private RegisteredPriorityQueueStateBackendMetaInfo<T> metaInfo;
        private KeyGroupedInternalPriorityQueue<T> queue;

        Registered(RegisteredPriorityQueueStateBackendMetaInfo<T> metaInfo) {
            this.metaInfo = metaInfo;
        }
    }

    NativeTimers(KeybedStates<?> states, KeyGroupRange groups, int numberOfKeyGroups, int cacheSize) {
        this.states = states;
        this.groups = groups;
        this.numberOfKeyGroups = numberOfKeyGroups;
        this.cacheSize = cacheSize;
    }

    /** The timers of that name have been restored into the store. */
    void restored(RegisteredPriorityQueueStateBackendMetaInfo<?> metaInfo) {
        registered.put(metaInfo.getName(), new Registered<>(metaInfo));
        states.timers(metaInfo.getName());
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(
                    String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates) {
        Registered<T> known = (Registered<T>) registered.get(name);
        if (known != null && known.queue != null) {
            return known.queue;
        }
        if (known != null) {
            update(name, known.metaInfo, serializer);
        }
        RegisteredPriorityQueueStateBackendMetaInfo<T> metaInfo =
                new RegisteredPriorityQueueStateBackendMetaInfo<>(name, serializer);
        Registered<T> created =
                new Registered<>(allowFutureMetadataUpdates ? metaInfo.withSerializerUpgradesAllowed() : metaInfo);
        created.queue = queue(states.timers(name), serializer);
        registered.put(name, created);
        return created.queue;
    }

    private <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> queue(TimerStore store, TypeSerializer<T> serializer) {
        DataOutputSerializer output = new DataOutputSerializer(64);
        return new KeyGroupPartitionedPriorityQueue<T, NativeTimerQueue<T>>(
                KeyExtractorFunction.forKeyedObjects(),
                PriorityComparator.forPriorityComparableObjects(),
                (group, ofKeyGroups, keys, priorities) ->
                        new NativeTimerQueue<>(store, serializer, group, cacheSize, output),
                groups,
                numberOfKeyGroups);
    }

    /** Goes over to another serializer: as all that is native, timers are bytes, so if it writes others they are rewritten. */
    private <T> void update(
            String name, RegisteredPriorityQueueStateBackendMetaInfo<T> metaInfo, TypeSerializer<T> serializer) {
        TypeSerializer<T> previous = metaInfo.getPreviousElementSerializer();
        TypeSerializerSchemaCompatibility<T> compatibility = metaInfo.updateElementSerializer(serializer);
        if (compatibility.isIncompatible()) {
            throw new FlinkRuntimeException(new StateMigrationException(
                    "The new serializer of timers (" + serializer + ") must not be incompatible with the old one."));
        }
        if (compatibility.isCompatibleAfterMigration()) {
            try {
                for (int group : groups) {
                    rewrite(states.timers(name), group, previous, serializer);
                }
            } catch (IOException e) {
                throw new FlinkRuntimeException("Timers could not be migrated.", e);
            }
        }
    }

    private static <T> void rewrite(TimerStore store, int group, TypeSerializer<T> from, TypeSerializer<T> to)
            throws IOException {
        List<byte[]> rewritten = new ArrayList<>();
        DataInputDeserializer input = new DataInputDeserializer();
        DataOutputSerializer output = new DataOutputSerializer(64);
        for (byte[] timer : all(store, group)) {
            input.setBuffer(timer);
            output.clear();
            to.serialize(from.deserialize(input), output);
            rewritten.add(output.getCopyOfBuffer());
        }
        store.clear(group);
        rewritten.forEach(timer -> store.put(group, timer));
    }

    /** The timers of a key group, in order. */
    static List<byte[]> all(TimerStore store, int group) {
        List<byte[]> timers = new ArrayList<>();
        byte[] from = null;
        Block block;
        do {
            block = store.read(group, from, PAGE);
            for (int i = 0; i < block.size(); i++) {
                timers.add(block.key(i).readRemaining());
            }
            if (!timers.isEmpty()) {
                byte[] last = timers.get(timers.size() - 1);
                from = java.util.Arrays.copyOf(last, last.length + 1);
            }
        } while (block.hasMore());
        return timers;
    }

    @Override
    public void addTo(
            List<StateMetaInfoSnapshot> metaInfos, List<QueueInSnapshot<?>> queues, Map<String, StateInSnapshot> natives) {
        for (Map.Entry<String, Registered<?>> queue : registered.entrySet()) {
            int id = metaInfos.size();
            queues.add(QueueInSnapshot.ofNative(id));
            natives.put(StateNames.ofTimers(queue.getKey()), StateInSnapshot.ofTimers(id, states.emptyKeyBytes()));
            metaInfos.add(queue.getValue().metaInfo.snapshot());
        }
    }
}
