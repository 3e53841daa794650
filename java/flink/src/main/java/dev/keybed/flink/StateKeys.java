package dev.keybed.flink;

import dev.keybed.EntryCursor;
import dev.keybed.Scope;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Walks the keys of a state, key group by key group, within one in the order of their bytes; each key once for every
 * namespace. It sees of a key group what is there when it gets to it, so the state may be changed meanwhile.
 */
final class StateKeys<K, N> implements AutoCloseable {
    private final KeybedStates<K> states;
    private final KeyParts<K, N> parts;
    private final EntryCursor cursor;
    private final Iterator<Integer> groups;
    /** Only keys that have something in this namespace; null for all. */
    private final N namespace;

    private int group;
    private boolean running;
    private boolean closed;
    /** Key and namespace of the entry before, of the same key group: the entries of a map have them in common. */
    private byte[] before;

    StateKeys(
            KeybedStates<K> states,
            RegisteredState<N, ?> state,
            TypeSerializer<K> keySerializer,
            KeyGroupRange groups,
            N namespace) {
        this.states = states;
        this.parts = new KeyParts<>(keySerializer, state.metaInfo().getNamespaceSerializer());
        this.groups = groups.iterator();
        this.namespace = namespace;
        this.cursor = state.nativeState().newCursor(Scope.KEY_GROUP);
    }

    /** Moves to the next key; false, and closed, if there is none. */
    boolean next() {
        if (closed) {
            return false;
        }
        while (nextEntry()) {
            split(cursor.key().readRemaining());
            if (isNew() && (namespace == null || namespace.equals(parts.namespace()))) {
                return true;
            }
        }
        close();
        return false;
    }

    int group() {
        return group;
    }

    K key() {
        return parts.key();
    }

    N namespace() {
        return parts.namespace();
    }

    /** Whether this key comes before, is, or comes behind another's, of any state of the same backend. */
    int compareTo(StateKeys<K, ?> other) {
        int byGroup = Integer.compare(group, other.group);
        return byGroup != 0
                ? byGroup
                : Arrays.compareUnsigned(
                        parts.bytes(),
                        0,
                        parts.keyLength(),
                        other.parts.bytes(),
                        0,
                        other.parts.keyLength());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            cursor.close();
        }
    }

    private boolean nextEntry() {
        while (!running || !cursor.next()) {
            if (!groups.hasNext()) {
                return false;
            }
            group = groups.next();
            states.select(group);
            cursor.seek();
            states.moved();
            running = true;
            before = null;
        }
        return true;
    }

    private void split(byte[] key) {
        try {
            parts.split(key, 0);
        } catch (IOException e) {
            throw new FlinkRuntimeException("A key could not be deserialized.", e);
        }
    }

    private boolean isNew() {
        byte[] bytes = parts.bytes();
        int length = parts.mapKeyStart();
        boolean isNew = before == null || !Arrays.equals(before, 0, before.length, bytes, 0, length);
        if (isNew) {
            before = Arrays.copyOf(bytes, length);
        }
        return isNew;
    }
}
