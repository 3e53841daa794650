package dev.keybed.flink;

import java.io.IOException;
import java.util.Set;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSet;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSnapshotRestoreWrapper;

/** Restored timers, brought to where they are kept now: a job may go over from the heap to the store, and back. */
final class TimerTransfer {
    private TimerTransfer() {}

    /** Those of a queue on the heap into the store. */
    static <T extends HeapPriorityQueueElement> void toStore(
            HeapPriorityQueueSnapshotRestoreWrapper<T> queue, KeybedStates<?> states, KeyGroupRange groups) throws IOException {
        if (queue.getPriorityQueue().isEmpty()) {
            return;
        }
        TimerStore store = states.timers(queue.getMetaInfo().getName());
        TypeSerializer<T> serializer = queue.getMetaInfo().getElementSerializer();
        DataOutputSerializer output = new DataOutputSerializer(64);
        for (int group : groups) {
            Set<T> timers = queue.getPriorityQueue().getSubsetForKeyGroup(group);
            for (T timer : timers) {
                output.clear();
                serializer.serialize(timer, output);
                store.put(group, output.getSharedBuffer(), 0, output.length());
            }
        }
    }

    /** Those in the store into a queue on the heap, if there are any. */
    static <T extends HeapPriorityQueueElement> void toHeap(
            HeapPriorityQueueSnapshotRestoreWrapper<T> queue, KeybedStates<?> states, KeyGroupRange groups) throws IOException {
        String name = queue.getMetaInfo().getName();
        if (!TimerStore.isIn(states.store(), name)) {
            return;
        }
        TimerStore store = states.timers(name);
        TypeSerializer<T> serializer = queue.getMetaInfo().getElementSerializer();
        HeapPriorityQueueSet<T> timers = queue.getPriorityQueue();
        DataInputDeserializer input = new DataInputDeserializer();
        for (int group : groups) {
            for (byte[] timer : NativeTimers.all(store, group)) {
                input.setBuffer(timer);
                timers.add(serializer.deserialize(input));
            }
            store.clear(group);
        }
    }
}
