package dev.keybed.flink;

import dev.keybed.DirectInput;
import dev.keybed.ValueState;
import java.io.IOException;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.runtime.state.internal.InternalValueState;

/** One value for each key and namespace. */
final class KeybedValueState<K, N, V> extends AbstractKeybedState<K, N, V> implements InternalValueState<K, N, V> {
    private final ValueState nativeState;

    KeybedValueState(
            KeybedKeyedStateBackend<K> backend, RegisteredState<N, V> registered, StateDescriptor<?, V> descriptor) {
        super(backend, registered, descriptor);
        this.nativeState = (ValueState) registered.nativeState();
    }

    @Override
    public V value() throws IOException {
        if (states.isElsewhere()) {
            byte[] value = askElsewhere();
            return value == null
                    ? defaultValue()
                    : getValueSerializer().duplicate().deserialize(new DataInputDeserializer(value));
        }
        states.select(this);
        DirectInput value = nativeState.get();
        return value == null ? defaultValue() : read(value);
    }

    @Override
    public void update(V value) {
        if (value == null) {
            clear();
            return;
        }
        states.select(this);
        states.put(nativeState, value, getValueSerializer());
    }
}
