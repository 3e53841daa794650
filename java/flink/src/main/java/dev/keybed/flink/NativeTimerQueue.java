package dev.keybed.flink;

import dev.keybed.Block;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.InternalPriorityQueue;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * The timers of a key group, each once, in the order of their bytes: in the store, and the first of them in a cache.
 *
 * <p>Invariants: the cache has timers that are in the store, and none that is not in the cache comes before one that is. If
 * {@link #complete}, it has all. An empty cache that is not complete is filled from the store, from {@link #behind} on, before
 * which there is nothing: what was taken from there would have to be stepped over.
 */
final class NativeTimerQueue<T> implements InternalPriorityQueue<T>, HeapPriorityQueueElement {
    /** Timers that are read at a time by who reads all. */
    private static final int SCANNED = 256;

    private final TimerStore store;
    private final TypeSerializer<T> serializer;
    private final int group;
    private final TimerCache cache;
    private final DataOutputSerializer output;
    private final DataInputDeserializer input = new DataInputDeserializer();
    private boolean complete;
    private byte[] behind;
    /** The first one as an object, if it has been asked for. */
    private T first;

    private int index = NOT_CONTAINED;

    NativeTimerQueue(
            TimerStore store, TypeSerializer<T> serializer, int group, int cacheSize, DataOutputSerializer output) {
        this.store = store;
        this.serializer = serializer;
        this.group = group;
        this.cache = new TimerCache(cacheSize);
        this.output = output;
    }

    @Override
    public T peek() {
        if (first == null && fill()) {
            first = deserialize(cache.first());
        }
        return first;
    }

    @Override
    public T poll() {
        T polled = peek();
        if (polled != null) {
            store.remove(group, cache.first());
            leave(cache.removeFirst());
            first = null;
        }
        return polled;
    }

    @Override
    public boolean add(T timer) {
        byte[] bytes = serialize(timer);
        boolean any = fill();
        if (any && cache.contains(bytes)) {
            return false;
        }
        store.put(group, bytes);
        if (any && Arrays.compareUnsigned(cache.last(), bytes) < 0 && !(complete && !cache.isFull())) {
            // It belongs behind what is in the cache.
            complete = false;
            return false;
        }
        boolean isFirst = !any || Arrays.compareUnsigned(bytes, cache.first()) < 0;
        if (cache.isFull()) {
            cache.removeLast();
            complete = false;
        }
        cache.add(bytes);
        if (isFirst) {
            first = null;
        }
        return isFirst;
    }

    @Override
    public boolean remove(T timer) {
        byte[] bytes = serialize(timer);
        if (!fill()) {
            return false;
        }
        boolean isFirst = Arrays.equals(bytes, cache.first());
        store.remove(group, bytes);
        if (cache.remove(bytes)) {
            leave(bytes);
        }
        if (isFirst) {
            first = null;
        }
        return isFirst;
    }

    @Override
    public boolean isEmpty() {
        return !fill();
    }

    /** Counts: Flink asks for it in tests and for people only. */
    @Override
    public int size() {
        if (complete) {
            return cache.size();
        }
        int size = 0;
        byte[] from = null;
        Block block;
        do {
            block = store.read(group, from, SCANNED);
            size += block.size();
            if (block.size() > 0) {
                from = next(block.key(block.size() - 1).readRemaining());
            }
        } while (block.hasMore());
        return size;
    }

    @Override
    public void addAll(Collection<? extends T> timers) {
        timers.forEach(this::add);
    }

    /** Shows the timers as they are in the store, block by block. */
    @Override
    public CloseableIterator<T> iterator() {
        return CloseableIterator.adapterForIterator(new All());
    }

    @Override
    public int getInternalIndex() {
        return index;
    }

    @Override
    public void setInternalIndex(int newIndex) {
        index = newIndex;
    }

    private final class All implements Iterator<T> {
        private byte[][] timers = {};
        private int at;
        private byte[] from;
        private boolean more = true;

        @Override
        public boolean hasNext() {
            while (at == timers.length && more) {
                Block block = store.read(group, from, SCANNED);
                timers = copy(block);
                at = 0;
                more = block.hasMore();
                if (timers.length > 0) {
                    from = NativeTimerQueue.next(timers[timers.length - 1]);
                }
            }
            return at < timers.length;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return deserialize(timers[at++]);
        }
    }

    /** Whether there is a timer; then the cache has the first. */
    private boolean fill() {
        if (cache.size() == 0 && !complete) {
            Block block = store.read(group, behind, cache.capacity());
            for (byte[] timer : copy(block)) {
                cache.add(timer);
            }
            complete = !block.hasMore();
        }
        return cache.size() > 0;
    }

    private static byte[][] copy(Block block) {
        byte[][] timers = new byte[block.size()][];
        for (int i = 0; i < timers.length; i++) {
            timers[i] = block.key(i).readRemaining();
        }
        return timers;
    }

    /** The last one that leaves the cache comes before all that are left in the store. */
    private void leave(byte[] timer) {
        if (cache.size() == 0) {
            behind = complete ? null : next(timer);
        }
    }

    /** The first string behind another. */
    private static byte[] next(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    private byte[] serialize(T timer) {
        try {
            output.clear();
            serializer.serialize(timer, output);
            return output.getCopyOfBuffer();
        } catch (IOException e) {
            throw new FlinkRuntimeException("A timer could not be serialized.", e);
        }
    }

    private T deserialize(byte[] bytes) {
        try {
            input.setBuffer(bytes);
            return serializer.deserialize(input);
        } catch (IOException e) {
            throw new FlinkRuntimeException("A timer could not be deserialized.", e);
        }
    }
}
