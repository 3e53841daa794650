package dev.keybed.flink;

import dev.keybed.DirectInput;
import dev.keybed.ValueState;
import java.util.Collection;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.internal.InternalMergingState;

/** A state that folds what is added into one value, its accumulator. */
abstract class AbstractFoldedState<K, N, IN, ACC, OUT> extends AbstractKeybedState<K, N, ACC>
        implements InternalMergingState<K, N, IN, ACC, OUT> {
    private final ValueState nativeState;

    AbstractFoldedState(
            KeybedKeyedStateBackend<K> backend, RegisteredState<N, ACC> registered, StateDescriptor<?, ACC> descriptor) {
        super(backend, registered, descriptor);
        this.nativeState = (ValueState) registered.nativeState();
    }

    abstract ACC merge(ACC one, ACC other) throws Exception;

    @Override
    public final ACC getInternal() {
        states.select(this);
        DirectInput value = nativeState.get();
        return value == null ? null : read(value);
    }

    @Override
    public final void updateInternal(ACC value) {
        if (value == null) {
            clear();
            return;
        }
        states.select(this);
        states.put(nativeState, value, getValueSerializer());
    }

    @Override
    public final void mergeNamespaces(N target, Collection<N> sources) throws Exception {
        if (sources == null || sources.isEmpty()) {
            return;
        }
        ACC merged = null;
        for (N source : sources) {
            if (source == null) {
                continue;
            }
            setCurrentNamespace(source);
            ACC value = getInternal();
            if (value != null) {
                clear();
                merged = merged == null ? value : merge(merged, value);
            }
        }
        if (merged == null) {
            return;
        }
        setCurrentNamespace(target);
        ACC value = getInternal();
        updateInternal(value == null ? merged : merge(merged, value));
    }
}
