package dev.keybed.cluster;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Gathers the events of a user and adds them to his total a moment later, when a processing-time timer fires. There is one timer at
 * a time, so a timer that gets lost stops it for good. At the end of the input an event-time timer tells the total, and how much
 * of what arrived before the last phase was still not added: nothing, if no timer was lost.
 */
final class Flush extends KeyedProcessFunction<Long, Event, String> {
    private static final long DELAY_MILLIS = 200;

    private static final long serialVersionUID = 1L;

    private transient ReducingState<Long> gathered;
    private transient ReducingState<Long> gatheredBeforeLastPhase;
    private transient ReducingState<Long> total;
    private transient ValueState<Long> deadline;

    @Override
    public void open(OpenContext context) {
        gathered = sum("gathered");
        gatheredBeforeLastPhase = sum("gathered before the last phase");
        total = sum("total");
        deadline = getRuntimeContext().getState(new ValueStateDescriptor<>("deadline", Types.LONG));
    }

    private ReducingState<Long> sum(String name) {
        return getRuntimeContext().getReducingState(new ReducingStateDescriptor<>(name, Long::sum, Types.LONG));
    }

    @Override
    public void processElement(Event event, Context context, Collector<String> out) throws Exception {
        gathered.add(1L);
        if (event.index() < Input.LAST_PHASE) {
            gatheredBeforeLastPhase.add(1L);
        }
        if (deadline.value() == null) {
            long time = context.timerService().currentProcessingTime() + DELAY_MILLIS;
            deadline.update(time);
            context.timerService().registerProcessingTimeTimer(time);
        }
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out) throws Exception {
        if (timestamp == Long.MAX_VALUE - 1) {
            out.collect(line(context.getCurrentKey(), orZero(total) + orZero(gathered), orZero(gatheredBeforeLastPhase)));
            return;
        }
        Long expected = deadline.value();
        if (expected == null || expected != timestamp) {
            throw new IllegalStateException("a timer for " + timestamp + " fired, that for " + expected + " was set");
        }
        total.add(orZero(gathered));
        gathered.clear();
        gatheredBeforeLastPhase.clear();
        deadline.clear();
    }

    private static long orZero(ReducingState<Long> sum) throws Exception {
        Long value = sum.get();
        return value == null ? 0 : value;
    }

    static String line(long user, long total, long late) {
        return "total " + user + " " + total + " late " + late;
    }
}
