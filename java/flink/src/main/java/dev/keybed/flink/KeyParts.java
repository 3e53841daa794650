package dev.keybed.flink;

import dev.keybed.PartSize;
import java.io.IOException;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.BooleanSerializer;
import org.apache.flink.api.common.typeutils.base.ByteSerializer;
import org.apache.flink.api.common.typeutils.base.CharSerializer;
import org.apache.flink.api.common.typeutils.base.DoubleSerializer;
import org.apache.flink.api.common.typeutils.base.FloatSerializer;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.ShortSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/**
 * Where the parts of a composite key begin and end: {@code key | [length] | namespace | [length] | map key}. Flink writes the
 * lengths where key and namespace are of variable size ({@link TypeSerializer#getLength()} below 0), and nothing says where a
 * part ends but its serializer, so splitting a key reads key and namespace.
 *
 * <p>Not thread-safe; shows the key that was split last.
 */
final class KeyParts<K, N> {
    /**
     * Serializers that write what they say. Those of namespaces say 0 and write this many bytes; of all others, that the
     * length is not negative says that no lengths are written, and no more.
     */
    private static final Map<Class<?>, Integer> SIZES = Map.of(
            VoidNamespaceSerializer.class, 1,
            TimeWindow.Serializer.class, 2 * Long.BYTES,
            BooleanSerializer.class, 1,
            ByteSerializer.class, 1,
            ShortSerializer.class, Short.BYTES,
            CharSerializer.class, Character.BYTES,
            IntSerializer.class, Integer.BYTES,
            LongSerializer.class, Long.BYTES,
            FloatSerializer.class, Float.BYTES,
            DoubleSerializer.class, Double.BYTES);

    private final TypeSerializer<K> keySerializer;
    private final TypeSerializer<N> namespaceSerializer;
    private final boolean lengths;
    private final DataInputDeserializer input = new DataInputDeserializer();
    private byte[] bytes;
    private int keyStart;
    private int keyEnd;
    private int namespaceStart;
    private int namespaceEnd;
    private int mapKeyStart;
    private K key;
    private N namespace;

    KeyParts(TypeSerializer<K> keySerializer, TypeSerializer<N> namespaceSerializer) {
        this.keySerializer = keySerializer;
        this.namespaceSerializer = namespaceSerializer;
        this.lengths = CompositeKeySerializationUtils.isAmbiguousKeyPossible(keySerializer, namespaceSerializer);
    }

    /** The size of what a serializer of keys or namespaces writes, as a store must know it. */
    static PartSize sizeOf(TypeSerializer<?> serializer) {
        if (serializer.getLength() < 0) {
            return PartSize.variable();
        }
        Integer size = SIZES.get(serializer.getClass());
        return size == null ? PartSize.delimited() : PartSize.fixed(size);
    }

    /** How many bytes the key has that stands for no key, in a store of these keys: one of any size, if they are of any. */
    static int emptyKeyBytes(TypeSerializer<?> keySerializer) {
        Integer size = keySerializer.getLength() < 0 ? null : SIZES.get(keySerializer.getClass());
        return size == null ? 1 : size;
    }

    /** Whether a size is not known in advance. */
    static boolean isOpen(PartSize size) {
        return size.equals(PartSize.variable()) || size.equals(PartSize.delimited());
    }

    /** Splits a composite key whose key group ends at {@code start}. */
    KeyParts<K, N> split(byte[] composite, int start) throws IOException {
        bytes = composite;
        input.setBuffer(composite, start, composite.length - start);
        keyStart = start;
        key = keySerializer.deserialize(input);
        keyEnd = input.getPosition();
        skipLength(keyEnd - keyStart);
        namespaceStart = input.getPosition();
        namespace = namespaceSerializer.deserialize(input);
        namespaceEnd = input.getPosition();
        skipLength(namespaceEnd - namespaceStart);
        mapKeyStart = input.getPosition();
        return this;
    }

    private void skipLength(int length) throws IOException {
        if (lengths) {
            CompositeKeySerializationUtils.readVariableIntBytes(input, length);
        }
    }

    K key() {
        return key;
    }

    N namespace() {
        return namespace;
    }

    byte[] bytes() {
        return bytes;
    }

    int keyStart() {
        return keyStart;
    }

    int keyLength() {
        return keyEnd - keyStart;
    }

    int namespaceStart() {
        return namespaceStart;
    }

    int namespaceLength() {
        return namespaceEnd - namespaceStart;
    }

    int mapKeyStart() {
        return mapKeyStart;
    }

    int mapKeyLength() {
        return bytes.length - mapKeyStart;
    }
}
