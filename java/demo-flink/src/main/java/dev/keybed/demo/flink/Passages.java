package dev.keybed.demo.flink;

import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** What is kept of a passage while it goes on: first line, last line, occurrences; in state, in the namespace of its window. */
final class Passages
        implements AggregateFunction<Tuple2<String, Long>, Tuple3<Long, Long, Long>, Tuple3<Long, Long, Long>> {
    private static final long serialVersionUID = 1L;

    @Override
    public Tuple3<Long, Long, Long> createAccumulator() {
        return Tuple3.of(Long.MAX_VALUE, Long.MIN_VALUE, 0L);
    }

    @Override
    public Tuple3<Long, Long, Long> add(Tuple2<String, Long> word, Tuple3<Long, Long, Long> passage) {
        return merge(Tuple3.of(word.f1, word.f1, 1L), passage);
    }

    @Override
    public Tuple3<Long, Long, Long> getResult(Tuple3<Long, Long, Long> passage) {
        return passage;
    }

    @Override
    public Tuple3<Long, Long, Long> merge(Tuple3<Long, Long, Long> a, Tuple3<Long, Long, Long> b) {
        return Tuple3.of(Math.min(a.f0, b.f0), Math.max(a.f1, b.f1), a.f2 + b.f2);
    }

    /** A passage that has ended, with its word. */
    static final class Ended
            extends ProcessWindowFunction<Tuple3<Long, Long, Long>, Tuple4<String, Long, Long, Long>, String, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(
                String word,
                Context context,
                Iterable<Tuple3<Long, Long, Long>> passages,
                Collector<Tuple4<String, Long, Long, Long>> out) {
            for (Tuple3<Long, Long, Long> passage : passages) {
                out.collect(Tuple4.of(word, passage.f0, passage.f1, passage.f2));
            }
        }
    }
}
