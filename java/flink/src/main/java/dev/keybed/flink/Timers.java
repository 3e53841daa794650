package dev.keybed.flink;

import dev.keybed.flink.FullSnapshot.QueueInSnapshot;
import dev.keybed.flink.FullSnapshot.StateInSnapshot;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/** The queues of timers of a backend, by name. */
interface Timers {
    /** A queue, made or restored. */
    <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(
                    String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates);

    /**
     * Adds all queues to a snapshot, each with the number that is its place among {@code metaInfos}.
     *
     * @param states by native name, what the native snapshot has that is to be written
     */
    void addTo(
            List<StateMetaInfoSnapshot> metaInfos, List<QueueInSnapshot<?>> queues, Map<String, StateInSnapshot> states);
}
