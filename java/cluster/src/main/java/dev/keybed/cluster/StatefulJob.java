package dev.keybed.cluster;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;

/** The job with all of it, of any parallelism; from one run to the next, state is known by the names of the operators. */
public final class StatefulJob {
    private static final TypeInformation<Event> EVENT = TypeInformation.of(Event.class);

    private StatefulJob() {}

    /**
     * Runs the job as {@code flink run} does.
     *
     * @param arguments those of {@link #build}
     */
    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        build(environment, arguments[0], arguments[1], Integer.parseInt(arguments[2]));
        environment.execute("stateful job");
    }

    /**
     * Adds the job to an environment.
     *
     * @param markDirectory see {@link Mark}
     * @param outputDirectory see {@link LineSink}
     * @param eventsPerSecond of each partition
     */
    public static void build(
            StreamExecutionEnvironment environment, String markDirectory, String outputDirectory, int eventsPerSecond) {
        KeyedStream<Event, Long> events = environment
                .fromSource(
                        new PartitionSource(markDirectory, eventsPerSecond),
                        WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(Windows.OUT_OF_ORDER_MILLIS)),
                        "events",
                        EVENT)
                .uid("events")
                .keyBy(event -> event.user, Types.LONG)
                .process(new Dedup(), EVENT)
                .uid("dedup")
                .keyBy(event -> event.user, Types.LONG);

        DataStream<String> windows = events.window(
                        TumblingEventTimeWindows.of(Duration.ofMillis(Windows.TUMBLING_MILLIS)))
                .aggregate(new Windows.Sum(), new Windows.Named())
                .uid("windows");
        DataStream<String> sessions = events.window(
                        EventTimeSessionWindows.withGap(Duration.ofMillis(Windows.SESSION_GAP_MILLIS)))
                .process(new Windows.Session(), Types.STRING)
                .uid("sessions");
        DataStream<String> joined = events.filter(event -> event.kind == Event.ORDER)
                .keyBy(event -> event.user, Types.LONG)
                .connect(events.filter(event -> event.kind == Event.PAYMENT).keyBy(event -> event.user, Types.LONG))
                .process(new Join(), Types.STRING)
                .uid("join");
        DataStream<String> totals = events.process(new Flush(), Types.STRING).uid("flush");
        DataStream<String> remembered = events.process(new Fade(), Types.STRING).uid("fade");

        windows.union(sessions, joined, totals, remembered)
                .sinkTo(new LineSink(outputDirectory))
                .uid("lines");
    }
}
