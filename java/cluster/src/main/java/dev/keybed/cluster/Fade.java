package dev.keybed.cluster;

import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Remembers the last event of a user for a moment, and says what it remembers when the last phase begins, long after. */
final class Fade extends KeyedProcessFunction<Long, Event, String> {
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(2);

    private static final long serialVersionUID = 1L;

    private transient ValueState<Event> last;
    private transient ValueState<Boolean> lastPhase;

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<Event> descriptor = new ValueStateDescriptor<>("last", Event.class);
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(TIME_TO_LIVE)
                .updateTtlOnCreateAndWrite()
                .neverReturnExpired()
                .cleanupFullSnapshot()
                .build());
        last = getRuntimeContext().getState(descriptor);
        lastPhase = getRuntimeContext().getState(new ValueStateDescriptor<>("last phase", Types.BOOLEAN));
    }

    @Override
    public void processElement(Event event, Context context, Collector<String> out) throws Exception {
        if (event.index() >= Input.LAST_PHASE && lastPhase.value() == null) {
            lastPhase.update(true);
            out.collect(line(event.user, last.value()));
        }
        last.update(event);
    }

    static String line(long user, Event remembered) {
        return "remembered " + user + " " + remembered;
    }
}
