package dev.keybed.flink;

import dev.keybed.Session;
import dev.keybed.State;
import java.io.IOException;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.queryablestate.client.state.serialization.KvStateSerializer;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.internal.InternalKvState;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.Preconditions;

/**
 * A state as an operator uses it: serializers and current namespace over a native state.
 *
 * @param <K> the key
 * @param <N> the namespace
 * @param <V> the value as Flink describes it: of a list the list, of a map the map
 */
abstract class AbstractKeybedState<K, N, V> implements InternalKvState<K, N, V> {
    final KeybedKeyedStateBackend<K> backend;
    final KeybedStates<K> states;
    private final RegisteredState<N, V> registered;
    private Object namespaceOwner;
    private TypeSerializer<N> namespaceSerializer;
    private TypeSerializer<V> valueSerializer;
    private V defaultValue;
    private boolean visited;
    private N currentNamespace;

    AbstractKeybedState(
            KeybedKeyedStateBackend<K> backend, RegisteredState<N, V> registered, StateDescriptor<?, V> descriptor) {
        this.backend = backend;
        this.states = backend.states();
        this.registered = registered;
        update(descriptor);
    }

    /** Takes over what a state of the same name is described as now. */
    void update(StateDescriptor<?, V> descriptor) {
        namespaceSerializer = registered.metaInfo().getNamespaceSerializer();
        valueSerializer = Preconditions.checkNotNull(registered.metaInfo().getStateSerializer(), "State value serializer");
        defaultValue = descriptor.getDefaultValue();
        states.namespaceChanged(this);
        visited = !states.isCompacted()
                || !descriptor.getTtlConfig().isEnabled()
                || CompactionCleanup.isAlsoIncremental(descriptor.getTtlConfig());
        namespaceOwner = namespaceSerializer instanceof VoidNamespaceSerializer ? KeybedStates.VOID : this;
    }

    final RegisteredState<N, V> registered() {
        return registered;
    }

    /** Whose namespace the session has when it has this state's. */
    final Object namespaceOwner() {
        return namespaceOwner;
    }

    final N currentNamespace() {
        return currentNamespace;
    }

    final V defaultValue() {
        return defaultValue == null ? null : valueSerializer.copy(defaultValue);
    }

    final V read(dev.keybed.DirectInput value) {
        return states.read(value, valueSerializer);
    }

    @Override
    public final TypeSerializer<K> getKeySerializer() {
        return backend.getKeySerializer();
    }

    @Override
    public final TypeSerializer<N> getNamespaceSerializer() {
        return namespaceSerializer;
    }

    @Override
    public final TypeSerializer<V> getValueSerializer() {
        return valueSerializer;
    }

    @Override
    public final void setCurrentNamespace(N namespace) {
        currentNamespace = namespace;
        states.namespaceChanged(this);
    }

    @Override
    public void clear() {
        states.select(this);
        states.delete(registered.nativeState());
    }

    /** Called by threads of queries, which own no session: each opens one of its own. */
    @Override
    public byte[] getSerializedValue(
            byte[] serializedKeyAndNamespace,
            TypeSerializer<K> safeKeySerializer,
            TypeSerializer<N> safeNamespaceSerializer,
            TypeSerializer<V> safeValueSerializer)
            throws Exception {
        Tuple2<K, N> keyAndNamespace = KvStateSerializer.deserializeKeyAndNamespace(
                serializedKeyAndNamespace, safeKeySerializer, safeNamespaceSerializer);
        K key = keyAndNamespace.f0;
        int group = KeyGroupRangeAssignment.assignToKeyGroup(key, backend.getNumberOfKeyGroups());
        return ask(
                key, group, keyAndNamespace.f1, safeKeySerializer, safeNamespaceSerializer, safeValueSerializer);
    }

    /**
     * The value of the current key and namespace for a thread that is not the task's, which must be idle meanwhile: Flink's
     * contract is that one thread at a time uses a state, and sessions have an owner.
     */
    final byte[] askElsewhere() throws IOException {
        try {
            return ask(
                    states.key(),
                    states.group(),
                    currentNamespace,
                    getKeySerializer().duplicate(),
                    namespaceSerializer.duplicate(),
                    valueSerializer.duplicate());
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private byte[] ask(
            K key,
            int group,
            N namespace,
            TypeSerializer<K> safeKeySerializer,
            TypeSerializer<N> safeNamespaceSerializer,
            TypeSerializer<V> safeValueSerializer)
            throws Exception {
        DataOutputSerializer keyBytes = new DataOutputSerializer(32);
        safeKeySerializer.serialize(key, keyBytes);
        DataOutputSerializer namespaceBytes = new DataOutputSerializer(16);
        safeNamespaceSerializer.serialize(namespace, namespaceBytes);
        try (Session session = states.store().newSession()) {
            State state = RegisteredState.open(
                    session,
                    registered.metaInfo().getName(),
                    registered.metaInfo().getStateType(),
                    KeyParts.sizeOf(namespaceSerializer));
            session.key(group).write(keyBytes.getSharedBuffer(), 0, keyBytes.length());
            session.namespace().write(namespaceBytes.getSharedBuffer(), 0, namespaceBytes.length());
            return query(state, safeValueSerializer);
        }
    }

    /** What the current key of the state's session has, in the form of {@link KvStateSerializer}; null for nothing. */
    byte[] query(State state, TypeSerializer<V> safeValueSerializer) throws Exception {
        return state.getBytes();
    }

    @Override
    public StateIncrementalVisitor<K, N, V> getStateIncrementalVisitor(int recommendedMaxNumberOfReturnedRecords) {
        if (!visited) {
            throw new UnsupportedOperationException("Expired entries are dropped by compactions");
        }
        return new StateVisitor<>(this, backend.getNumberOfKeyGroups(), recommendedMaxNumberOfReturnedRecords);
    }

    /** Whether a {@link StateVisitor} shows an entry with this value. */
    boolean isVisited(byte[] value) {
        return true;
    }

    /**
     * An entry's value for a {@link StateVisitor}.
     *
     * @param before of a map what was shown of it before, to add to; null for a new one
     * @param mapKeyStart where the map key begins in the composite key
     */
    V visit(V before, byte[] key, int mapKeyStart, byte[] value) throws IOException {
        return valueSerializer.deserialize(new DataInputDeserializer(value));
    }

    /** Writes an entry's value for a {@link StateVisitor}: of a map that of one user key. */
    @SuppressWarnings("unchecked")
    void writeVisited(Object value, DirectOutputView output) throws IOException {
        valueSerializer.serialize((V) value, output);
    }

    /** The user key of a map in a composite key. */
    Object visitedKey(byte[] key, int mapKeyStart) throws IOException {
        throw new IllegalStateException("only maps have user keys");
    }

    /** Makes a user key of a map the session's. */
    void writeVisitedKey(Object userKey) throws IOException {
        throw new IllegalStateException("only maps have user keys");
    }

    /** Writes a value of another schema, or with or without a time to live, as the current serializer does. */
    void migrate(
            DataInputDeserializer prior,
            DataOutputSerializer migrated,
            TtlAwareSerializer<V, ?> priorSerializer,
            TtlAwareSerializer<V, ?> newSerializer,
            TtlTimeProvider time)
            throws Exception {
        newSerializer.migrateValueFromPriorSerializer(
                priorSerializer, () -> priorSerializer.deserialize(prior), migrated, time);
    }
}
