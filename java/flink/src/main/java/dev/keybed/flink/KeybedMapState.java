package dev.keybed.flink;

import dev.keybed.DirectInput;
import dev.keybed.EntryCursor;
import dev.keybed.MapEntries;
import dev.keybed.MapState;
import dev.keybed.State;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.queryablestate.client.state.serialization.KvStateSerializer;
import org.apache.flink.runtime.state.internal.InternalMapState;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/** A map for each key and namespace: an entry each, whose value is a byte that says whether it is null, and the value. */
final class KeybedMapState<K, N, UK, UV> extends AbstractKeybedState<K, N, Map<UK, UV>>
        implements InternalMapState<K, N, UK, UV> {
    /** How many bytes of entries go to native code in one call at most, about. */
    private static final int ENOUGH_AT_A_TIME = 1 << 20;

    private final MapState nativeState;
    private final MapEntries entries;
    /** A cursor that one iterator at a time uses; the others make their own. */
    private EntryCursor kept;

    private boolean keptIsFree;
    private TypeSerializer<UK> userKeySerializer;
    private TypeSerializer<UV> userValueSerializer;

    KeybedMapState(
            KeybedKeyedStateBackend<K> backend,
            RegisteredState<N, Map<UK, UV>> registered,
            StateDescriptor<?, Map<UK, UV>> descriptor) {
        super(backend, registered, descriptor);
        this.nativeState = (MapState) registered.nativeState();
        this.entries = nativeState.newEntries();
        this.keptIsFree = states.mayKeepCursor();
    }

    @Override
    void update(StateDescriptor<?, Map<UK, UV>> descriptor) {
        super.update(descriptor);
        MapSerializer<UK, UV> serializer = (MapSerializer<UK, UV>) getValueSerializer();
        userKeySerializer = serializer.getKeySerializer();
        userValueSerializer = serializer.getValueSerializer();
    }

    MapState nativeState() {
        return nativeState;
    }

    TypeSerializer<UK> userKeySerializer() {
        return userKeySerializer;
    }

    /** A cursor before the first entry of the session's current key. */
    EntryCursor takeCursor() {
        if (!keptIsFree) {
            return nativeState.newCursor().seek();
        }
        kept = nativeState.scan();
        keptIsFree = false;
        return kept;
    }

    /** Takes a cursor back and ends its scan. */
    void giveCursor(EntryCursor cursor) {
        cursor.close();
        if (cursor == kept) {
            keptIsFree = true;
        }
    }

    @Override
    public UV get(UK userKey) throws IOException {
        select(userKey);
        DirectInput value = nativeState.get();
        return value == null ? null : readUserValue(value);
    }

    @Override
    public void put(UK userKey, UV userValue) throws IOException {
        select(userKey);
        putSelected(userValue);
    }

    @Override
    public void putAll(Map<UK, UV> map) throws IOException {
        if (map == null) {
            return;
        }
        DirectOutputView output = states.to(entries.begin());
        for (Map.Entry<UK, UV> entry : map.entrySet()) {
            userKeySerializer.serialize(entry.getKey(), output);
            entries.endKey();
            write(entry.getValue(), output);
            entries.endValue();
            if (entries.sizeInBytes() > ENOUGH_AT_A_TIME) {
                putEntries();
                output = states.to(entries.begin());
            }
        }
        putEntries();
    }

    private void putEntries() {
        states.select(this);
        states.put(entries);
    }

    @Override
    public void remove(UK userKey) {
        select(userKey);
        states.delete(nativeState);
    }

    @Override
    public boolean contains(UK userKey) {
        select(userKey);
        return nativeState.contains();
    }

    @Override
    public Iterable<Map.Entry<UK, UV>> entries() {
        return this::iterator;
    }

    @Override
    public Iterator<Map.Entry<UK, UV>> iterator() {
        return new KeybedMapIterator<>(this, true, true) {
            @Override
            Map.Entry<UK, UV> shown(UK userKey, UV userValue) {
                return entry(userKey, userValue);
            }
        };
    }

    @Override
    public Iterable<UK> keys() {
        return () -> new KeybedMapIterator<K, N, UK, UV, UK>(this, true, false) {
            @Override
            UK shown(UK userKey, UV userValue) {
                return userKey;
            }
        };
    }

    @Override
    public Iterable<UV> values() {
        return () -> new KeybedMapIterator<K, N, UK, UV, UV>(this, false, true) {
            @Override
            UV shown(UK userKey, UV userValue) {
                return userValue;
            }
        };
    }

    @Override
    public boolean isEmpty() {
        states.select(this);
        return nativeState.isEmpty();
    }

    @Override
    public void clear() {
        states.select(this);
        states.clear(nativeState);
    }

    /** Makes an entry of the current map the session's. */
    private void select(UK userKey) {
        states.select(this);
        states.mapKey(userKey, userKeySerializer);
    }

    /** Writes the value of the entry that is the session's. */
    void putSelected(UV userValue) throws IOException {
        write(userValue, states.value());
        states.put(nativeState);
    }

    /** With a time to live, null has no time: Flink's RocksDB backend leaves it in savepoints, and Flink's clean-up fails on it. */
    @Override
    boolean isVisited(byte[] value) {
        return value[0] == 0 || !TtlAwareSerializer.isSerializerTtlEnabled(userValueSerializer);
    }

    @Override
    Map<UK, UV> visit(Map<UK, UV> before, byte[] key, int mapKeyStart, byte[] value) throws IOException {
        Map<UK, UV> map = before == null ? new LinkedHashMap<>() : before;
        DataInputDeserializer userValue = new DataInputDeserializer(value);
        map.put(
                visitedKey(key, mapKeyStart),
                userValue.readBoolean() ? null : userValueSerializer.deserialize(userValue));
        return map;
    }

    @Override
    UK visitedKey(byte[] key, int mapKeyStart) throws IOException {
        return userKeySerializer.deserialize(
                new DataInputDeserializer(key, mapKeyStart, key.length - mapKeyStart));
    }

    @Override
    @SuppressWarnings("unchecked")
    void writeVisited(Object userValue, DirectOutputView output) throws IOException {
        write((UV) userValue, output);
    }

    private void write(UV userValue, DirectOutputView output) throws IOException {
        output.writeBoolean(userValue == null);
        if (userValue != null) {
            userValueSerializer.serialize(userValue, output);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    void writeVisitedKey(Object userKey) {
        states.mapKey((UK) userKey, userKeySerializer);
    }

    UV readUserValue(DirectInput value) throws IOException {
        DirectInputView input = states.view(value);
        return input.readBoolean() ? null : userValueSerializer.deserialize(input);
    }

    @Override
    byte[] query(State state, TypeSerializer<Map<UK, UV>> safeValueSerializer) throws Exception {
        MapSerializer<UK, UV> serializer = (MapSerializer<UK, UV>) safeValueSerializer;
        TypeSerializer<UK> keys = serializer.getKeySerializer();
        TypeSerializer<UV> values = serializer.getValueSerializer();
        DirectInputView input = new DirectInputView();
        Map<UK, UV> map = new LinkedHashMap<>();
        try (EntryCursor entries = ((MapState) state).newCursor()) {
            entries.seek();
            while (entries.next()) {
                UK key = keys.deserialize(input.of(entries.key()));
                input.of(entries.value());
                map.put(key, input.readBoolean() ? null : values.deserialize(input));
            }
        }
        return map.isEmpty() ? null : KvStateSerializer.serializeMap(map.entrySet(), keys, values);
    }

    @Override
    @SuppressWarnings("unchecked")
    void migrate(
            DataInputDeserializer prior,
            DataOutputSerializer migrated,
            TtlAwareSerializer<Map<UK, UV>, ?> priorSerializer,
            TtlAwareSerializer<Map<UK, UV>, ?> newSerializer,
            TtlTimeProvider time)
            throws Exception {
        TtlAwareSerializer<UV, ?> priorValues =
                ((TtlAwareSerializer.TtlAwareMapSerializer<UK, UV>) priorSerializer).getValueSerializer();
        TtlAwareSerializer<UV, ?> newValues =
                ((TtlAwareSerializer.TtlAwareMapSerializer<UK, UV>) newSerializer).getValueSerializer();
        boolean isNull = prior.readBoolean();
        migrated.writeBoolean(isNull);
        if (!isNull) {
            newValues.migrateValueFromPriorSerializer(priorValues, () -> priorValues.deserialize(prior), migrated, time);
        }
    }
}
