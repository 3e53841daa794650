package dev.keybed.flink;

import dev.keybed.flink.FullSnapshot.QueueInSnapshot;
import dev.keybed.flink.FullSnapshot.StateInSnapshot;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.HeapPriorityQueuesManager;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSnapshotRestoreWrapper;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/** Timers on the Java heap, in Flink's own queues. A snapshot copies them, as references. */
final class HeapTimers implements Timers {
    private final HeapPriorityQueuesManager queues;

    HeapTimers(HeapPriorityQueuesManager queues) {
        this.queues = queues;
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(
                    String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates) {
        return queues.createOrUpdate(name, serializer, allowFutureMetadataUpdates);
    }

    @Override
    public void addTo(
            List<StateMetaInfoSnapshot> metaInfos, List<QueueInSnapshot<?>> snapshots, Map<String, StateInSnapshot> states) {
        for (HeapPriorityQueueSnapshotRestoreWrapper<?> queue : queues.getRegisteredPQStates().values()) {
            QueueInSnapshot<?> copy = QueueInSnapshot.of(metaInfos.size(), queue.stateSnapshot());
            snapshots.add(copy);
            metaInfos.add(copy.timers().getMetaInfoSnapshot());
        }
    }
}
