package dev.keybed.cluster;

import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Lets each event through once. What it remembers would expire after an hour, which no test takes. */
final class Dedup extends KeyedProcessFunction<Long, Event, Event> {
    private static final long serialVersionUID = 1L;

    private transient MapState<Long, Integer> seen;

    @Override
    public void open(OpenContext context) {
        MapStateDescriptor<Long, Integer> descriptor = new MapStateDescriptor<>("seen", Types.LONG, Types.INT);
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofHours(1))
                .updateTtlOnCreateAndWrite()
                .neverReturnExpired()
                .cleanupIncrementally(3, false)
                .cleanupInRocksdbCompactFilter(100)
                .build());
        seen = getRuntimeContext().getMapState(descriptor);
    }

    @Override
    public void processElement(Event event, Context context, Collector<Event> out) throws Exception {
        Integer times = seen.get(event.number);
        seen.put(event.number, times == null ? 1 : times + 1);
        if (times == null) {
            out.collect(event);
        }
    }
}
