package dev.keybed.demo.flink;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** How often a word comes; told when the input ends. One of the tasks fails once, after some checkpoints. */
final class CountWord extends KeyedProcessFunction<String, Tuple2<String, Long>, Tuple2<String, WordResult>> {
    private static final long serialVersionUID = 1L;
    private static final long AT_THE_END = Long.MAX_VALUE - 1;

    private final long failsAfterWords;
    private transient ValueState<Long> count;

    CountWord(long failsAfterWords) {
        this.failsAfterWords = failsAfterWords;
    }

    @Override
    public void open(OpenContext context) {
        count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(Tuple2<String, Long> word, Context context, Collector<Tuple2<String, WordResult>> out)
            throws Exception {
        Happenings.WORDS.increment();
        Long before = count.value();
        if (before == null) {
            context.timerService().registerEventTimeTimer(AT_THE_END);
        }
        count.update(before == null ? 1 : before + 1);
        if (!Happenings.FAILED.get()
                && Happenings.CHECKPOINTS.sum() > 0
                && Happenings.WORDS.sum() > failsAfterWords
                && Happenings.FAILED.compareAndSet(false, true)) {
            throw new IllegalStateException("the failure that the demo wants");
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Tuple2<String, WordResult>> out)
            throws Exception {
        out.collect(Tuple2.of(context.getCurrentKey(), new WordResult(count.value(), 0, 0, 0)));
    }
}
