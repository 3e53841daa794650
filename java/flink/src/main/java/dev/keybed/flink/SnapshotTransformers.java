package dev.keybed.flink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.runtime.state.ListDelimitedSerializer;
import org.apache.flink.runtime.state.StateSnapshotTransformer;
import org.apache.flink.runtime.state.StateSnapshotTransformer.CollectionStateSnapshotTransformer;
import org.apache.flink.runtime.state.StateSnapshotTransformer.CollectionStateSnapshotTransformer.TransformStrategy;
import org.apache.flink.runtime.state.StateSnapshotTransformer.StateSnapshotTransformFactory;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * What a full snapshot leaves out or changes (state with a time to live that has expired), on values as bytes: Flink gives
 * transformers of elements and of map values, entries hold joined elements and values with a null mark.
 */
final class SnapshotTransformers {
    private SnapshotTransformers() {}

    @SuppressWarnings("unchecked")
    static <V, E> StateSnapshotTransformFactory<V> of(
            StateDescriptor<?, V> descriptor, StateSnapshotTransformFactory<E> factory, TypeSerializer<V> serializer) {
        if (factory == StateSnapshotTransformFactory.noTransform()) {
            return StateSnapshotTransformFactory.noTransform();
        }
        return switch (descriptor.getType()) {
            case LIST -> new OfBytes<>() {
                @Override
                public Optional<StateSnapshotTransformer<byte[]>> createForSerializedState() {
                    TypeSerializer<E> elements =
                            ((ListSerializer<E>) (TypeSerializer<?>) serializer).getElementSerializer();
                    return factory.createForDeserializedState()
                            .map(transformer -> new OfList<>(transformer, elements.duplicate()));
                }
            };
            case MAP -> new OfBytes<>() {
                @Override
                public Optional<StateSnapshotTransformer<byte[]>> createForSerializedState() {
                    return factory.createForSerializedState().map(SnapshotTransformers::ofMapValue);
                }
            };
            default -> (StateSnapshotTransformFactory<V>) factory;
        };
    }

    private abstract static class OfBytes<V> implements StateSnapshotTransformFactory<V> {
        @Override
        public Optional<StateSnapshotTransformer<V>> createForDeserializedState() {
            throw new UnsupportedOperationException("Snapshots are written from bytes");
        }
    }

    private static StateSnapshotTransformer<byte[]> ofMapValue(StateSnapshotTransformer<byte[]> transformer) {
        return value -> {
            if (value == null || value[0] != 0) {
                return value;
            }
            byte[] plain = Arrays.copyOfRange(value, 1, value.length);
            byte[] transformed = transformer.filterOrTransform(plain);
            if (transformed == plain) {
                return value;
            }
            if (transformed == null) {
                return null;
            }
            byte[] marked = new byte[1 + transformed.length];
            System.arraycopy(transformed, 0, marked, 1, transformed.length);
            return marked;
        };
    }

    private static final class OfList<E> implements StateSnapshotTransformer<byte[]> {
        private final StateSnapshotTransformer<E> transformer;
        private final TypeSerializer<E> serializer;
        private final boolean stopOnFirst;
        private final ListDelimitedSerializer lists = new ListDelimitedSerializer();
        private final DataInputDeserializer input = new DataInputDeserializer();

        OfList(StateSnapshotTransformer<E> transformer, TypeSerializer<E> serializer) {
            this.transformer = transformer;
            this.serializer = serializer;
            this.stopOnFirst = transformer instanceof CollectionStateSnapshotTransformer<?> collection
                    && collection.getFilterStrategy() == TransformStrategy.STOP_ON_FIRST_INCLUDED;
        }

        @Override
        public byte[] filterOrTransform(byte[] value) {
            if (value == null) {
                return null;
            }
            List<E> kept = new ArrayList<>();
            input.setBuffer(value);
            int position = 0;
            try {
                while (input.available() > 0) {
                    E transformed = transformer.filterOrTransform(
                            ListDelimitedSerializer.deserializeNextElement(input, serializer));
                    if (transformed != null) {
                        if (stopOnFirst) {
                            return Arrays.copyOfRange(value, position, value.length);
                        }
                        kept.add(transformed);
                    }
                    position = input.getPosition();
                }
                return kept.isEmpty() ? null : lists.serializeList(kept, serializer);
            } catch (IOException e) {
                throw new FlinkRuntimeException("Failed to transform a list for a snapshot", e);
            }
        }
    }
}
