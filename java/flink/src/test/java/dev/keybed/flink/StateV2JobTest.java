package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.v2.MapState;
import org.apache.flink.api.common.state.v2.MapStateDescriptor;
import org.apache.flink.api.common.state.v2.ValueState;
import org.apache.flink.api.common.state.v2.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A job with State V2, which Flink's adaptor brings to this backend; it fails once, after a checkpoint. */
class StateV2JobTest {
    private static final int KEYS = 200;
    private static final int RECORDS = 40_000;

    /** How often a task has failed, by engine: tasks are in this JVM. */
    private static final Map<String, AtomicInteger> FAILURES = new ConcurrentHashMap<>();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void whatIsCountedIsExact(Engine engine) throws Exception {
        FAILURES.put(engine.name(), new AtomicInteger());
        Configuration configuration = Engines.configuration(engine);
        configuration.set(StateBackendOptions.STATE_BACKEND, KeybedStateBackendFactory.class.getName());
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        Map<Long, Long> counts = new TreeMap<>();
        try (CloseableIterator<Tuple2<Long, Long>> results = environment
                .fromSequence(0, RECORDS - 1)
                .keyBy(i -> i % KEYS)
                .enableAsyncState()
                .process(new Counting(engine.name()), Types.TUPLE(Types.LONG, Types.LONG))
                .executeAndCollect()) {
            results.forEachRemaining(result -> assertTrue(counts.put(result.f0, result.f1) == null, "once"));
        }
        assertEquals(1, FAILURES.get(engine.name()).get());
        assertEquals(KEYS, counts.size());
        // The count, and ten entries of the map beside it.
        counts.forEach((key, count) -> assertEquals(RECORDS / KEYS * 100 + 10, count));
    }

    /** Tells at the end how many records a key had, and how many last digits of their number by 200. */
    private static final class Counting extends KeyedProcessFunction<Long, Long, Tuple2<Long, Long>>
            implements CheckpointListener {
        private static final long serialVersionUID = 1L;

        private final String engine;
        private transient ValueState<Long> count;
        private transient MapState<Long, Long> digits;
        private transient boolean checkpointed;
        private transient long seen;

        Counting(String engine) {
            this.engine = engine;
        }

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
            digits = getRuntimeContext().getMapState(new MapStateDescriptor<>("digits", Types.LONG, Types.LONG));
        }

        @Override
        public void processElement(Long record, Context context, Collector<Tuple2<Long, Long>> out) throws Exception {
            if (++seen % 200 == 0) {
                Thread.sleep(5);
            }
            if (checkpointed && seen > 3_000 && FAILURES.get(engine).compareAndSet(0, 1)) {
                throw new IllegalStateException("the failure that the test wants");
            }
            count.asyncValue().thenAccept(before -> count.asyncUpdate(before == null ? 1 : before + 1));
            digits.asyncPut(record / KEYS % 10, record);
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext context, Collector<Tuple2<Long, Long>> out) {
            Long key = context.getCurrentKey();
            AtomicInteger entries = new AtomicInteger();
            digits.asyncKeys()
                    .thenCompose(keys -> keys.onNext(digit -> {
                        entries.incrementAndGet();
                    }))
                    .thenCompose(all -> count.asyncValue())
                    .thenAccept(value -> out.collect(Tuple2.of(key, value * 100 + entries.get())));
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            checkpointed = true;
        }
    }
}
