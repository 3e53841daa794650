package dev.keybed.flink;

import dev.keybed.DirectInput;
import dev.keybed.DirectOutput;
import dev.keybed.Engine;
import dev.keybed.ErrorCode;
import dev.keybed.KeybedArgumentException;
import dev.keybed.KeybedException;
import dev.keybed.ListState;
import dev.keybed.MapEntries;
import dev.keybed.MapState;
import dev.keybed.Session;
import dev.keybed.State;
import dev.keybed.Store;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * The native side of a backend: the store, the session of the task's thread, what key and namespace the session has, and the
 * views that serializers use.
 *
 * <p>Invariant: if {@code keyWritten}, the session's key is {@link #key}; if {@code namespaceOwner} is not null as well, the
 * session's namespace is that of this state ({@link #VOID}: the one of all states without namespaces). Whoever moves the session
 * to another key says so ({@link #moved}).
 */
final class KeybedStates<K> implements AutoCloseable {
    /** Owner of the namespace of all states that have none. */
    static final Object VOID = new Object();

    /** What VoidNamespace is written as. */
    private static final int VOID_BYTE = 0;

    /** How many iterators of maps hold a cursor at a time; a session has 62 block buffers. */
    private static final int MOST_RUNNING = 16;

    /** How many states keep a cursor for their iterators. */
    private static final int MOST_KEPT = 16;

    private final Store store;
    private final Session session;
    private final TypeSerializer<K> keySerializer;
    private final boolean compacted;

    /** Keys are of eight bytes and are written without serializer and views. */
    private final boolean longKeys;

    private final Thread owner = Thread.currentThread();
    private final DirectOutputView output = new DirectOutputView();
    private final DirectInputView input = new DirectInputView();
    private final ArrayDeque<KeybedMapIterator<?, ?, ?, ?, ?>> running = new ArrayDeque<>();
    private final Map<String, TimerStore> timers = new HashMap<>();
    /** For timers, so that they leave the current key alone. Made at first use. */
    private TimerSession timerSession;

    private K key;
    private int group;
    private int keptCursors;
    private boolean keyWritten;
    private Object namespaceOwner;

    KeybedStates(Store store, TypeSerializer<K> keySerializer, Engine engine) {
        this.store = store;
        this.keySerializer = keySerializer;
        this.longKeys = keySerializer instanceof LongSerializer;
        this.session = store.newSession();
        this.compacted = engine == Engine.ROCKS;
    }

    Store store() {
        return store;
    }

    Session session() {
        return session;
    }

    /** How many bytes the key has that stands for none. */
    int emptyKeyBytes() {
        return KeyParts.emptyKeyBytes(keySerializer);
    }

    /** The timers of that name; the state is made if the store has none. */
    TimerStore timers(String name) {
        if (timerSession == null) {
            timerSession = new TimerSession(store.newSession(), emptyKeyBytes());
        }
        return timers.computeIfAbsent(name, each -> new TimerStore(timerSession, each));
    }

    /** Whether the engine has files that it rewrites. */
    boolean isCompacted() {
        return compacted;
    }

    /** Whether the caller is not the task's thread. */
    boolean isElsewhere() {
        return Thread.currentThread() != owner;
    }

    K key() {
        return key;
    }

    int group() {
        return group;
    }

    /** Makes a key the current one, and writes it now: its object may be used again for the next. */
    void setKey(K key, int group) {
        if (!running.isEmpty()) {
            park();
        }
        this.key = key;
        this.group = group;
        writeKey();
    }

    /** The session has another key now. */
    void moved() {
        keyWritten = false;
        namespaceOwner = null;
    }

    /** The namespace of a state has changed. */
    void namespaceChanged(AbstractKeybedState<K, ?, ?> state) {
        if (namespaceOwner == state) {
            namespaceOwner = null;
        }
    }

    /** Makes key and namespace of the state the session's, before an operation on it. */
    <N> void select(AbstractKeybedState<K, N, ?> state) {
        if (!keyWritten) {
            writeKey();
        }
        Object owner = state.namespaceOwner();
        if (namespaceOwner != owner) {
            // Nobody's, if its serializer fails half way.
            namespaceOwner = null;
            if (owner == VOID && state.currentNamespace() != null) {
                session.setNamespaceByte(VOID_BYTE);
            } else {
                writeNamespace(state.currentNamespace(), state.getNamespaceSerializer());
            }
            namespaceOwner = owner;
        }
    }

    /** Moves the session to any key and namespace; the current ones are written again when they are needed. */
    <N> void select(K key, int group, N namespace, TypeSerializer<N> namespaceSerializer) {
        moved();
        try {
            keySerializer.serialize(key, output.to(session.key(group)));
        } catch (IOException e) {
            throw new FlinkRuntimeException("The key could not be serialized.", e);
        }
        writeNamespace(namespace, namespaceSerializer);
    }

    /** Moves the session to a key in bytes. */
    void select(int group, KeyParts<?, ?> parts, boolean isMap) {
        moved();
        session.key(group).write(parts.bytes(), parts.keyStart(), parts.keyLength());
        session.namespace().write(parts.bytes(), parts.namespaceStart(), parts.namespaceLength());
        if (isMap) {
            session.mapKey().write(parts.bytes(), parts.mapKeyStart(), parts.mapKeyLength());
        }
    }

    /** Moves the session to a key group, for scans of it. */
    void select(int group) {
        moved();
        session.key(group).write(0);
    }

    /** Writes the map key. */
    <T> void mapKey(T mapKey, TypeSerializer<T> serializer) {
        if (serializer instanceof LongSerializer) {
            session.setMapKey((Long) mapKey);
        } else {
            write(mapKey, serializer, session.mapKey());
        }
    }

    /** Where a value is written to. */
    DirectOutputView value() {
        return output.to(session.value());
    }

    /** The view, on an output of the session. */
    DirectOutputView to(DirectOutput target) {
        return output.to(target);
    }

    /** Where a value is read from that a state has returned. */
    DirectInputView view(DirectInput value) {
        return input.of(value);
    }

    <T> T read(DirectInput value, TypeSerializer<T> serializer) {
        try {
            return serializer.deserialize(input.of(value));
        } catch (IOException e) {
            throw new FlinkRuntimeException("A value could not be deserialized.", e);
        }
    }

    /** Writes the value of the current key. */
    <T> void put(State state, T value, TypeSerializer<T> serializer) {
        write(value, serializer, session.value());
        put(state);
    }

    /** Stores what was written to {@link #value()}. */
    void put(State state) {
        try {
            state.put();
        } catch (KeybedException e) {
            throw explained(e);
        }
    }

    /** Appends what was written to {@link #value()}. */
    void add(ListState state) {
        try {
            state.add();
        } catch (KeybedException e) {
            throw explained(e);
        }
    }

    /** Puts entries of a map. */
    void put(MapEntries entries) {
        try {
            entries.put();
        } catch (KeybedException e) {
            throw explained(e);
        }
    }

    /** Removes what the session is on; while a snapshot is open this may take memory, too. */
    void delete(State state) {
        try {
            state.delete();
        } catch (KeybedException e) {
            throw explained(e);
        }
    }

    /** Removes a map. */
    void clear(MapState state) {
        try {
            state.clear();
        } catch (KeybedException e) {
            throw explained(e);
        }
    }

    static RuntimeException explained(KeybedException e) {
        return e.errorCode() != ErrorCode.MEMORY_BUDGET
                ? e
                : new FlinkRuntimeException(
                        "The state does not fit into the memory of the slot: raise "
                                + TaskManagerOptions.MANAGED_MEMORY_SIZE.key() + " or "
                                + TaskManagerOptions.MANAGED_MEMORY_FRACTION.key() + " ("
                                + KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE.key() + ", if that is set), or use "
                                + KeybedOptions.ENGINE.key() + ": rocks, for state that is larger than memory",
                        e);
    }

    <T> void write(T part, TypeSerializer<T> serializer, DirectOutput target) {
        try {
            serializer.serialize(part, output.to(target));
        } catch (KeybedArgumentException e) {
            // A part of the key that is too large takes the session's whole key with it.
            moved();
            throw e;
        } catch (IOException e) {
            throw new FlinkRuntimeException("A part of the key or value could not be serialized.", e);
        }
    }

    // Iterators of maps: each that holds a cursor is here.

    /** Whether a state may keep a cursor for its iterators; it keeps a block buffer. */
    boolean mayKeepCursor() {
        return keptCursors++ < MOST_KEPT;
    }

    void started(KeybedMapIterator<?, ?, ?, ?, ?> iterator) {
        if (running.size() == MOST_RUNNING) {
            running.removeFirst().park();
        }
        running.addLast(iterator);
    }

    void ended(KeybedMapIterator<?, ?, ?, ?, ?> iterator) {
        running.removeLastOccurrence(iterator);
    }

    private void park() {
        List.copyOf(running).forEach(KeybedMapIterator::park);
        running.clear();
    }

    /** Closes session and store; the session only if it is the caller's. */
    @Override
    public void close() {
        running.clear();
        store.close();
    }

    private void writeKey() {
        if (key == null) {
            throw new NullPointerException(
                    "No key set. This method should not be called outside of a keyed context.");
        }
        moved();
        if (longKeys) {
            session.setKey(group, (Long) key);
        } else {
            write(key, keySerializer, session.key(group));
        }
        keyWritten = true;
    }

    private <N> void writeNamespace(N namespace, TypeSerializer<N> serializer) {
        if (namespace == null) {
            throw new NullPointerException("No namespace set.");
        }
        write(namespace, serializer, session.namespace());
    }
}
