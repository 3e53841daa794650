package dev.keybed.demo.flink;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** The passages of a word, summed up when the input ends. */
final class Summary
        extends KeyedProcessFunction<String, Tuple4<String, Long, Long, Long>, Tuple2<String, WordResult>> {
    private static final long serialVersionUID = 1L;
    /** The last passages end with the time before. */
    private static final long AT_THE_END = Long.MAX_VALUE - 1;

    /** Passages, occurrences in the longest, digest. */
    private transient ValueState<Tuple3<Long, Long, Long>> summary;

    @Override
    public void open(OpenContext context) {
        summary = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("passages", Types.TUPLE(Types.LONG, Types.LONG, Types.LONG)));
    }

    @Override
    public void processElement(
            Tuple4<String, Long, Long, Long> passage, Context context, Collector<Tuple2<String, WordResult>> out)
            throws Exception {
        if (summary.value() == null) {
            context.timerService().registerEventTimeTimer(AT_THE_END);
        }
        WordResult with = result().withPassage(passage.f1, passage.f2, passage.f3);
        summary.update(Tuple3.of(with.passages(), with.inLongest(), with.digest()));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Tuple2<String, WordResult>> out)
            throws Exception {
        out.collect(Tuple2.of(context.getCurrentKey(), result()));
    }

    private WordResult result() throws Exception {
        Tuple3<Long, Long, Long> before = summary.value();
        return before == null ? new WordResult(0, 0, 0, 0) : new WordResult(0, before.f0, before.f1, before.f2);
    }
}
