package dev.keybed.flink;

import dev.keybed.Block;
import dev.keybed.DirectInput;
import dev.keybed.EntryWalk;
import dev.keybed.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.StateEntry;
import org.apache.flink.runtime.state.internal.InternalKvState.StateIncrementalVisitor;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Goes through all entries of a state, a few at each call, while the state is used: what Flink cleans up state with a time to
 * live by, a little at each access. Key and namespace of the session stay what they were for whoever uses it next.
 *
 * <p>Entries are fetched some at a time, so one that is shown may have been written since. It is removed or updated only if it
 * is still what was shown: an entry that has come to life again stays, and is seen again in the next round.
 *
 * <p>A map is shown in parts, so that a large one costs no more at a time than a small one: a {@link StateEntry} has a map of
 * those entries of one key and namespace that come next. Removing it removes these, updating it replaces these.
 */
final class StateVisitor<K, N, V> implements StateIncrementalVisitor<K, N, V> {
    /** So many are fetched at a time, or as many as are asked for: one step of a walk costs about as much as ten entries. */
    private static final int FETCHED = 64;

    private final KeybedStates<K> states;
    private final AbstractKeybedState<K, N, V> state;
    private final State nativeState;
    private final boolean isMap;
    private final KeyParts<K, N> parts;
    private final int groupBytes;
    private final int most;
    /** Made with the first step: Flink asks for a visitor only to see whether there is one. */
    private EntryWalk walk;

    private Block block;
    /** Entries of the block that have been shown. */
    private int shown;

    private boolean ended;

    StateVisitor(AbstractKeybedState<K, N, V> state, int numberOfKeyGroups, int most) {
        this.states = state.states;
        this.state = state;
        this.nativeState = state.registered().nativeState();
        this.isMap = state.registered().isMap();
        this.parts = new KeyParts<>(state.getKeySerializer(), state.getNamespaceSerializer());
        this.groupBytes = CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix(numberOfKeyGroups);
        this.most = Math.max(most, 1);
    }

    /** An entry, or some entries of one map. */
    private static final class Visited<K, N, V> extends StateEntry.SimpleStateEntry<K, N, V> {
        /** Composite keys as they are stored, and their values as they were when last looked at. */
        private final List<byte[]> keys = new ArrayList<>(1);

        private final List<byte[]> values = new ArrayList<>(1);

        Visited(K key, N namespace, V value) {
            super(key, namespace, value);
        }

        void add(byte[] key, byte[] value) {
            keys.add(key);
            values.add(value);
        }
    }

    @Override
    public boolean hasNext() {
        return !ended;
    }

    @Override
    public Collection<StateEntry<K, N, V>> nextEntries() {
        if (!ended && (block == null || shown == block.size())) {
            fetch();
        }
        List<StateEntry<K, N, V>> entries = new ArrayList<>();
        if (block != null) {
            show(entries);
            if (shown == block.size() && !block.hasMore()) {
                end();
            }
        }
        return entries;
    }

    private void fetch() {
        if (walk == null) {
            walk = nativeState.newWalk();
        }
        block = walk.step(Math.max(most, FETCHED));
        shown = 0;
    }

    private void end() {
        ended = true;
        block = null;
        walk.close();
    }

    private void show(List<StateEntry<K, N, V>> entries) {
        int end = Math.min(block.size(), shown + most);
        Visited<K, N, V> map = null;
        int mapEnd = 0;
        byte[] array = walk.array();
        try {
            for (; shown < end; shown++) {
                byte[] key = Arrays.copyOfRange(array, walk.keyStart(shown), walk.keyEnd(shown));
                byte[] value = Arrays.copyOfRange(array, walk.keyEnd(shown), walk.valueEnd(shown));
                if (!state.isVisited(value)) {
                    continue;
                }
                parts.split(key, groupBytes);
                int keyEnd = parts.mapKeyStart();
                if (map != null && Arrays.equals(key, 0, keyEnd, map.keys.get(0), 0, mapEnd)) {
                    state.visit(map.getState(), key, keyEnd, value);
                    map.add(key, value);
                } else {
                    Visited<K, N, V> entry =
                            new Visited<>(parts.key(), parts.namespace(), state.visit(null, key, keyEnd, value));
                    entry.add(key, value);
                    entries.add(entry);
                    map = isMap ? entry : null;
                    mapEnd = keyEnd;
                }
            }
        } catch (IOException e) {
            throw new FlinkRuntimeException("An entry could not be deserialized.", e);
        }
    }

    @Override
    public void remove(StateEntry<K, N, V> entry) {
        Visited<K, N, V> visited = (Visited<K, N, V>) entry;
        change(() -> {
            for (int i = 0; i < visited.keys.size(); i++) {
                remove(visited, i);
            }
        });
    }

    @Override
    public void update(StateEntry<K, N, V> entry, V newState) {
        Visited<K, N, V> visited = (Visited<K, N, V>) entry;
        if (newState == null) {
            remove(entry);
        } else if (isMap) {
            change(() -> updateMap(visited, (Map<?, ?>) visited.getState(), (Map<?, ?>) newState));
        } else {
            change(() -> put(visited, 0, newState));
        }
    }

    /** A change of entries that are not the current key's. */
    private interface Change {
        void run() throws IOException;
    }

    private void change(Change change) {
        try {
            change.run();
        } catch (IOException e) {
            throw new FlinkRuntimeException("An entry could not be changed.", e);
        } finally {
            states.moved();
        }
    }

    private void updateMap(Visited<K, N, V> visited, Map<?, ?> old, Map<?, ?> updated) throws IOException {
        Set<Object> shown = new HashSet<>();
        for (int i = 0; i < visited.keys.size(); i++) {
            byte[] key = visited.keys.get(i);
            Object userKey = state.visitedKey(key, parts.split(key, groupBytes).mapKeyStart());
            shown.add(userKey);
            if (!updated.containsKey(userKey)) {
                remove(visited, i);
            } else if (!old.containsKey(userKey) || updated.get(userKey) != old.get(userKey)) {
                put(visited, i, updated.get(userKey));
            }
        }
        for (Map.Entry<?, ?> entry : updated.entrySet()) {
            if (!shown.contains(entry.getKey())) {
                select(visited.keys.get(0));
                state.writeVisitedKey(entry.getKey());
                state.writeVisited(entry.getValue(), states.value());
                states.put(nativeState);
            }
        }
    }

    private void remove(Visited<K, N, V> visited, int i) throws IOException {
        if (isAsShown(visited, i)) {
            states.delete(nativeState);
        }
    }

    private void put(Visited<K, N, V> visited, int i, Object value) throws IOException {
        if (isAsShown(visited, i)) {
            state.writeVisited(value, states.value());
            states.put(nativeState);
            visited.values.set(i, nativeState.getBytes());
        }
    }

    /** Moves the session to an entry; whether it is what it was. */
    private boolean isAsShown(Visited<K, N, V> visited, int i) throws IOException {
        select(visited.keys.get(i));
        DirectInput value = nativeState.get();
        return value != null && Arrays.equals(value.readRemaining(), visited.values.get(i));
    }

    private void select(byte[] key) throws IOException {
        states.select(CompositeKeySerializationUtils.extractKeyGroup(groupBytes, key), parts.split(key, groupBytes), isMap);
    }
}
