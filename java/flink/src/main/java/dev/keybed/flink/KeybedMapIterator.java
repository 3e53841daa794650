package dev.keybed.flink;

import dev.keybed.DirectInput;
import dev.keybed.EntryCursor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Walks one map. Flink never says that it is done with an iterator, and a cursor holds a buffer of the session and what the
 * engine keeps for it. So an iterator has its cursor only until the task goes on to another key or too many run at a time; it
 * is <em>parked</em> then: it remembers the key of the entry it gave last, and if it is asked again, starts behind that. (The
 * entries of a map come in the order of their keys' bytes.)
 *
 * <p>It keeps its own key and namespace: what they are for the backend may change meanwhile, and remove() and setValue() still
 * concern this map.
 */
abstract class KeybedMapIterator<K, N, UK, UV, T> implements Iterator<T> {
    private static final int NOTHING_YET = -1;

    private final KeybedMapState<K, N, UK, UV> state;
    private final KeybedStates<K> states;
    private final K key;
    private final int group;
    private final N namespace;
    /** What of an entry is deserialized. */
    private final boolean withKeys;

    private final boolean withValues;
    private EntryCursor cursor;
    /** The cursor is on an entry that was not given yet. */
    private boolean ready;

    private boolean atEnd;
    /** The bytes of the key that was given last. */
    private byte[] last = new byte[32];

    private int lastLength = NOTHING_YET;
    /** The entry that was given last can be removed. */
    private boolean removable;

    private Entry<K, N, UK, UV> lastEntry;

    KeybedMapIterator(KeybedMapState<K, N, UK, UV> state, boolean withKeys, boolean withValues) {
        this.state = state;
        this.states = state.states;
        // The task may use the object again for the next key.
        this.key = states.key() == null ? null : state.getKeySerializer().copy(states.key());
        this.group = states.group();
        this.namespace = state.currentNamespace();
        this.withKeys = withKeys;
        this.withValues = withValues;
    }

    /** What of an entry is given, of which one part may be missing. */
    abstract T shown(UK userKey, UV userValue);

    /** The entry itself, for {@link #shown}: it knows when it has been removed. */
    final Map.Entry<UK, UV> entry(UK userKey, UV userValue) {
        lastEntry = new Entry<>(this, userKey, userValue);
        return lastEntry;
    }

    @Override
    public final boolean hasNext() {
        if (!ready && !atEnd) {
            fetch();
        }
        return ready;
    }

    @Override
    public final T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        ready = false;
        DirectInput bytes = cursor.key();
        lastLength = bytes.remaining();
        if (last.length < lastLength) {
            last = new byte[Math.max(lastLength, 2 * last.length)];
        }
        bytes.readFully(last, 0, lastLength);
        removable = true;
        UK userKey = withKeys ? states.read(cursor.key(), state.userKeySerializer()) : null;
        try {
            return shown(userKey, withValues ? state.readUserValue(cursor.value()) : null);
        } catch (IOException e) {
            throw new FlinkRuntimeException("The value of a map's entry could not be deserialized.", e);
        }
    }

    @Override
    public final void remove() {
        if (!removable) {
            throw new IllegalStateException("The remove operation must be called after a valid next operation.");
        }
        removable = false;
        if (lastEntry != null) {
            lastEntry.removed = true;
        }
        states.select(key, group, namespace, state.getNamespaceSerializer());
        states.session().mapKey().write(last, 0, lastLength);
        states.delete(state.nativeState());
        states.moved();
    }

    /** Lets go of the cursor. */
    final void park() {
        ready = false;
        if (cursor != null) {
            state.giveCursor(cursor);
            cursor = null;
        }
    }

    private void fetch() {
        boolean found = cursor != null ? cursor.next() : start();
        if (found) {
            ready = true;
        } else {
            atEnd = true;
            states.ended(this);
            park();
        }
    }

    /** Moves a new cursor to the first entry, or behind the last one that was given. */
    private boolean start() {
        if (key == null) {
            throw new NullPointerException("No key set. This method should not be called outside of a keyed context.");
        }
        states.started(this);
        states.select(key, group, namespace, state.getNamespaceSerializer());
        cursor = state.takeCursor();
        states.moved();
        while (cursor.next()) {
            if (lastLength == NOTHING_YET || isBehindLast()) {
                return true;
            }
        }
        return false;
    }

    private boolean isBehindLast() {
        byte[] next = cursor.key().readRemaining();
        return Arrays.compareUnsigned(next, 0, next.length, last, 0, lastLength) > 0;
    }

    /** An entry that was given. */
    static final class Entry<K, N, UK, UV> implements Map.Entry<UK, UV> {
        private final KeybedMapIterator<K, N, UK, UV, ?> iterator;
        private final UK key;
        private UV value;
        private boolean removed;

        private Entry(KeybedMapIterator<K, N, UK, UV, ?> iterator, UK key, UV value) {
            this.iterator = iterator;
            this.key = key;
            this.value = value;
        }

        @Override
        public UK getKey() {
            return key;
        }

        @Override
        public UV getValue() {
            return removed ? null : value;
        }

        @Override
        public UV setValue(UV newValue) {
            if (removed) {
                throw new IllegalStateException("The value has already been deleted.");
            }
            UV old = value;
            KeybedStates<K> states = iterator.states;
            states.select(iterator.key, iterator.group, iterator.namespace, iterator.state.getNamespaceSerializer());
            states.mapKey(key, iterator.state.userKeySerializer());
            try {
                iterator.state.putSelected(newValue);
            } catch (IOException e) {
                throw new FlinkRuntimeException("The value of a map's entry could not be serialized.", e);
            }
            states.moved();
            value = newValue;
            return old;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Map.Entry<?, ?> entry
                    && Objects.equals(getKey(), entry.getKey())
                    && Objects.equals(getValue(), entry.getValue());
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(getKey()) ^ Objects.hashCode(getValue());
        }

        @Override
        public String toString() {
            return getKey() + "=" + getValue();
        }
    }
}
