package dev.keybed.flink;

import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.internal.InternalReducingState;

/** What was added, reduced to one value. */
final class KeybedReducingState<K, N, V> extends AbstractFoldedState<K, N, V, V, V>
        implements InternalReducingState<K, N, V> {
    private ReduceFunction<V> function;

    KeybedReducingState(
            KeybedKeyedStateBackend<K> backend, RegisteredState<N, V> registered, StateDescriptor<?, V> descriptor) {
        super(backend, registered, descriptor);
    }

    @Override
    @SuppressWarnings("unchecked")
    void update(StateDescriptor<?, V> descriptor) {
        super.update(descriptor);
        function = ((ReducingStateDescriptor<V>) descriptor).getReduceFunction();
    }

    @Override
    public V get() {
        return getInternal();
    }

    @Override
    public void add(V value) throws Exception {
        V reduced = getInternal();
        updateInternal(reduced == null ? value : function.reduce(reduced, value));
    }

    @Override
    V merge(V one, V other) throws Exception {
        return function.reduce(one, other);
    }
}
