package dev.keybed.flink;

import dev.keybed.Compression;
import dev.keybed.Snapshot;
import dev.keybed.Store;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.FullSnapshotResources;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyValueStateIterator;
import org.apache.flink.runtime.state.StateSnapshotTransformer;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueStateSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/**
 * All state of a backend at a moment: taken by the task's thread, written by another. The native snapshot costs microseconds;
 * timers are copied, as references.
 *
 * <p>A state's number in the snapshot is its place in {@link #getMetaInfoSnapshots()}: first the states, then the timers.
 */
final class FullSnapshot<K> implements FullSnapshotResources<K> {
    private final List<StateMetaInfoSnapshot> metaInfos;
    /** By native name. */
    private final Map<String, StateInSnapshot> states;

    private final List<QueueInSnapshot<?>> queues;
    /** Null if there is no state, or none of what states hold is wanted. */
    private final Snapshot snapshot;

    private final KeyGroupRange groups;
    private final int groupBytes;
    private final TypeSerializer<K> keySerializer;
    private final StreamCompressionDecorator compression;
    private final Handover handover = new Handover();
    /** Null once it has run. */
    private Runnable whenReleased;

    /**
     * A state: its number, what to leave out, and how many bytes behind the key group are not Flink's (of native timers, see {@link
     * TimerStore}).
     */
    record StateInSnapshot(int id, StateSnapshotTransformer<byte[]> transformer, int skipped) {
        static StateInSnapshot ofTimers(int id, int skipped) {
            return new StateInSnapshot(id, null, skipped);
        }
    }

    /**
     * Timers: their number, a copy of them, and a serializer that no other thread uses. Of native timers, which are in the
     * native snapshot, neither.
     */
    record QueueInSnapshot<T>(int id, HeapPriorityQueueStateSnapshot<T> timers, TypeSerializer<T> serializer) {
        static <T> QueueInSnapshot<T> of(int id, HeapPriorityQueueStateSnapshot<T> timers) {
            return new QueueInSnapshot<>(id, timers, timers.getMetaInfo().getElementSerializer().duplicate());
        }

        static QueueInSnapshot<?> ofNative(int id) {
            return new QueueInSnapshot<>(id, null, null);
        }

        Iterator<T> iterator(int group) {
            return timers == null ? Collections.emptyIterator() : timers.getIteratorForKeyGroup(group);
        }
    }

    private FullSnapshot(
            List<StateMetaInfoSnapshot> metaInfos,
            Map<String, StateInSnapshot> states,
            List<QueueInSnapshot<?>> queues,
            Snapshot snapshot,
            KeyGroupRange groups,
            int groupBytes,
            TypeSerializer<K> keySerializer,
            StreamCompressionDecorator compression,
            Runnable whenReleased) {
        this.metaInfos = metaInfos;
        this.states = states;
        this.queues = queues;
        this.snapshot = snapshot;
        this.groups = groups;
        this.groupBytes = groupBytes;
        this.keySerializer = keySerializer;
        this.compression = compression;
        this.whenReleased = whenReleased;
    }

    /** Without what the states hold: serializers, and timers that are not in the store. */
    static <K> FullSnapshot<K> withoutStates(
            Collection<RegisteredState<?, ?>> registered,
            Timers timers,
            KeyGroupRange groups,
            int numberOfKeyGroups,
            TypeSerializer<K> keySerializer,
            StreamCompressionDecorator compression) {
        return take(null, registered, timers, groups, numberOfKeyGroups, keySerializer, compression, () -> {});
    }

    /**
     * @param store whose snapshot is taken, or null
     * @param whenReleased run once the native snapshot is closed
     */
    static <K> FullSnapshot<K> take(
            Store store,
            Collection<RegisteredState<?, ?>> registered,
            Timers timers,
            KeyGroupRange groups,
            int numberOfKeyGroups,
            TypeSerializer<K> keySerializer,
            StreamCompressionDecorator compression,
            Runnable whenReleased) {
        List<StateMetaInfoSnapshot> metaInfos = new ArrayList<>();
        Map<String, StateInSnapshot> states = new HashMap<>();
        for (RegisteredState<?, ?> state : registered) {
            states.put(
                    state.nativeState().name(),
                    new StateInSnapshot(
                            metaInfos.size(),
                            state.metaInfo()
                                    .getStateSnapshotTransformFactory()
                                    .createForSerializedState()
                                    .orElse(null),
                            0));
            metaInfos.add(state.metaInfo().snapshot());
        }
        List<QueueInSnapshot<?>> queues = new ArrayList<>();
        timers.addTo(metaInfos, queues, states);
        return new FullSnapshot<>(
                metaInfos,
                states,
                queues,
                store == null || states.isEmpty() ? null : store.snapshot(),
                groups,
                CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix(numberOfKeyGroups),
                keySerializer.duplicate(),
                compression,
                whenReleased);
    }

    /** How blocks are compressed, where Flink's decorator compresses snapshots. */
    static Compression compression(StreamCompressionDecorator decorator) {
        return decorator == UncompressedStreamCompressionDecorator.INSTANCE ? Compression.NONE : Compression.LZ4;
    }

    /** The native snapshot; null if there is no state, or none of what states hold is wanted. */
    Snapshot snapshot() {
        return snapshot;
    }

    List<QueueInSnapshot<?>> queues() {
        return queues;
    }

    /**
     * The snapshot is in the checkpoint storage.
     *
     * @param undo takes it back
     */
    void written(Runnable undo) {
        handover.written(undo);
    }

    /** Whether something is to be left out or changed. */
    boolean isTransformed() {
        return states.values().stream().anyMatch(state -> state.transformer() != null);
    }

    @Override
    public List<StateMetaInfoSnapshot> getMetaInfoSnapshots() {
        return metaInfos;
    }

    @Override
    public KeyValueStateIterator createKVStateIterator() {
        return new FullSnapshotIterator(snapshot, states, queues, groups, groupBytes);
    }

    @Override
    public KeyGroupRange getKeyGroupRange() {
        return groups;
    }

    @Override
    public TypeSerializer<K> getKeySerializer() {
        return keySerializer;
    }

    @Override
    public StreamCompressionDecorator getStreamCompressionDecorator() {
        return compression;
    }

    /** Called once the snapshot is written, has failed or was cancelled, by any thread. */
    @Override
    public void release() {
        try {
            if (snapshot != null) {
                snapshot.close();
            }
        } finally {
            released();
        }
        handover.end();
    }

    private synchronized void released() {
        if (whenReleased != null) {
            whenReleased.run();
            whenReleased = null;
        }
    }
}
