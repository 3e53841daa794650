package dev.keybed.flink;

import dev.keybed.EntryCursor;
import dev.keybed.Scope;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.StateMigrationException;

/**
 * Rewrites the values of a restored state in the format of its new serializer, once, when the state is first asked for. Keys
 * stay as they are: for map keys another format is refused.
 */
final class Migration<K, N, V> {
    private final KeybedStates<K> states;
    private final AbstractKeybedState<K, N, V> state;
    private final KeyParts<K, N> parts;
    private final TtlAwareSerializer<V, ?> priorSerializer;
    private final TtlAwareSerializer<V, ?> newSerializer;
    private final TtlTimeProvider time;
    private final DataInputDeserializer prior = new DataInputDeserializer();
    private final DataOutputSerializer migrated = new DataOutputSerializer(512);

    private Migration(AbstractKeybedState<K, N, V> state, TypeSerializer<K> keySerializer, TtlTimeProvider time) {
        RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo = state.registered().metaInfo();
        this.states = state.states;
        this.state = state;
        this.parts = new KeyParts<>(keySerializer, metaInfo.getNamespaceSerializer());
        this.priorSerializer = ttlAware(metaInfo.getPreviousStateSerializer());
        this.newSerializer = ttlAware(metaInfo.getStateSerializer());
        this.time = time;
    }

    @SuppressWarnings("unchecked")
    private static <V> TtlAwareSerializer<V, ?> ttlAware(TypeSerializer<V> serializer) {
        return (TtlAwareSerializer<V, ?>) TtlAwareSerializer.wrapTtlAwareSerializer(serializer);
    }

    static <K, N, V> void run(
            KeybedKeyedStateBackend<K> backend,
            AbstractKeybedState<K, N, V> state,
            KeyGroupRange groups,
            TypeSerializer<K> keySerializer,
            TtlTimeProvider time)
            throws Exception {
        if (state.registered().metaInfo().getStateType() == StateDescriptor.Type.MAP) {
            requireSameMapKeys(state.registered().metaInfo());
        }
        Migration<K, N, V> migration = new Migration<>(state, keySerializer, time);
        for (int group : groups) {
            migration.migrate(group);
        }
    }

    private void migrate(int group) throws Exception {
        states.select(group);
        try (EntryCursor entries = state.registered().nativeState().newCursor(Scope.KEY_GROUP)) {
            entries.seek();
            while (entries.next()) {
                parts.split(entries.key().readRemaining(), 0);
                prior.setBuffer(entries.value().readRemaining());
                migrated.clear();
                try {
                    state.migrate(prior, migrated, priorSerializer, newSerializer, time);
                } catch (Exception e) {
                    throw new StateMigrationException(
                            "Error while trying to migrate state '" + state.registered().metaInfo().getName() + "'.", e);
                }
                states.select(group, parts, state.registered().isMap());
                states.value().write(migrated.getSharedBuffer(), 0, migrated.length());
                states.put(state.registered().nativeState());
            }
        } finally {
            states.moved();
        }
    }

    private static <V> void requireSameMapKeys(RegisteredKeyValueStateBackendMetaInfo<?, V> metaInfo)
            throws StateMigrationException {
        TypeSerializerSnapshot<V> previous = metaInfo.getPreviousStateSerializerSnapshot();
        if (!(previous instanceof MapSerializerSnapshot<?, ?> before)
                || !(metaInfo.getStateSerializer() instanceof MapSerializer<?, ?> now)) {
            throw new StateMigrationException("The serializer of map state '" + metaInfo.getName() + "' is none of maps.");
        }
        if (!isSame(before.getKeySerializerSnapshot(), now.getKeySerializer())) {
            throw new StateMigrationException(
                    "The new serializer for a MapState requires state migration in order for the job to proceed, since the"
                            + " key schema has changed. However, migration for MapState currently only allows value schema"
                            + " evolutions.");
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> boolean isSame(TypeSerializerSnapshot<?> before, TypeSerializer<T> now) {
        return now.snapshotConfiguration()
                .resolveSchemaCompatibility((TypeSerializerSnapshot<T>) before)
                .isCompatibleAsIs();
    }
}
