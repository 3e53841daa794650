package dev.keybed.cluster;

import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** What is told of a window. */
final class Windows {
    /** Of event time, as are all here. */
    static final long TUMBLING_MILLIS = 5_000;
    static final long SESSION_GAP_MILLIS = 4_000;
    /** Events that are sent again come later than others, if the first time was left out. */
    static final long OUT_OF_ORDER_MILLIS = 100;

    private Windows() {}

    static String line(long user, long start, long count, long sum) {
        return "window " + user + " " + start + " " + count + " " + sum;
    }

    static String session(long user, long start, long end, long count, long digest) {
        return "session " + user + " " + start + " " + end + " " + count + " " + Long.toHexString(digest);
    }

    /** Count and sum of the amounts. */
    static final class Sum implements AggregateFunction<Event, Tuple2<Long, Long>, Tuple2<Long, Long>> {
        private static final long serialVersionUID = 1L;

        @Override
        public Tuple2<Long, Long> createAccumulator() {
            return Tuple2.of(0L, 0L);
        }

        @Override
        public Tuple2<Long, Long> add(Event event, Tuple2<Long, Long> sum) {
            return Tuple2.of(sum.f0 + 1, sum.f1 + event.amount);
        }

        @Override
        public Tuple2<Long, Long> getResult(Tuple2<Long, Long> sum) {
            return sum;
        }

        @Override
        public Tuple2<Long, Long> merge(Tuple2<Long, Long> a, Tuple2<Long, Long> b) {
            return Tuple2.of(a.f0 + b.f0, a.f1 + b.f1);
        }
    }

    /** A window's sum, with its name. */
    static final class Named extends ProcessWindowFunction<Tuple2<Long, Long>, String, Long, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(Long user, Context context, Iterable<Tuple2<Long, Long>> sums, Collector<String> out) {
            for (Tuple2<Long, Long> sum : sums) {
                out.collect(line(user, context.window().getStart(), sum.f0, sum.f1));
            }
        }
    }

    /** All the events of a session, which Flink keeps in a list: their count and a digest of their numbers. */
    static final class Session extends ProcessWindowFunction<Event, String, Long, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(Long user, Context context, Iterable<Event> events, Collector<String> out) {
            long count = 0;
            long digest = 0;
            for (Event event : events) {
                count++;
                digest += Input.mix(event.number);
            }
            out.collect(session(user, context.window().getStart(), context.window().getEnd(), count, digest));
        }
    }
}
