package dev.keybed.flink;

import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.internal.InternalAggregatingState;

/** What was added, aggregated in an accumulator. */
final class KeybedAggregatingState<K, N, IN, ACC, OUT> extends AbstractFoldedState<K, N, IN, ACC, OUT>
        implements InternalAggregatingState<K, N, IN, ACC, OUT> {
    private AggregateFunction<IN, ACC, OUT> function;

    KeybedAggregatingState(
            KeybedKeyedStateBackend<K> backend, RegisteredState<N, ACC> registered, StateDescriptor<?, ACC> descriptor) {
        super(backend, registered, descriptor);
    }

    @Override
    @SuppressWarnings("unchecked")
    void update(StateDescriptor<?, ACC> descriptor) {
        super.update(descriptor);
        function = ((AggregatingStateDescriptor<IN, ACC, OUT>) descriptor).getAggregateFunction();
    }

    @Override
    public OUT get() {
        ACC accumulator = getInternal();
        return accumulator == null ? null : function.getResult(accumulator);
    }

    @Override
    public void add(IN value) {
        ACC accumulator = getInternal();
        updateInternal(function.add(value, accumulator == null ? function.createAccumulator() : accumulator));
    }

    @Override
    ACC merge(ACC one, ACC other) {
        return function.merge(one, other);
    }
}
