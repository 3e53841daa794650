package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.io.TempDir;

/** A job on a cluster in this JVM: the backend is found by its factory's name, a task fails after a checkpoint, timers fire. */
class MiniClusterTest {
    private static final int KEYS = 500;
    private static final int RECORDS = 60_000;

    /** How often a task has failed, by engine: tasks are in this JVM. */
    private static final Map<String, AtomicInteger> FAILURES = new ConcurrentHashMap<>();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aJobSurvivesAFailure(Engine engine) throws Exception {
        run(Engines.configuration(engine));
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aJobSurvivesAFailureWithIncrementalCheckpoints(Engine engine) throws Exception {
        Configuration configuration = Engines.configuration(engine);
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        run(configuration);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aJobSurvivesAFailureWithMergedFiles(Engine engine) throws Exception {
        Configuration configuration = Engines.configuration(engine);
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        configuration.set(CheckpointingOptions.FILE_MERGING_ENABLED, true);
        // Else files are so small that they are no files.
        configuration.set(CheckpointingOptions.FS_SMALL_FILE_THRESHOLD, MemorySize.ZERO);
        run(configuration);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aJobSurvivesAFailureFromItsLocalCopies(Engine engine) throws Exception {
        Configuration configuration = Engines.configuration(engine);
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        configuration.set(StateRecoveryOptions.LOCAL_RECOVERY, true);
        configuration.set(CheckpointingOptions.LOCAL_BACKUP_ENABLED, true);
        configuration.set(ExecutionOptions.SNAPSHOT_COMPRESSION, true);
        run(configuration);
    }

    private void run(Configuration configuration) throws Exception {
        Engine engine = configuration.get(KeybedOptions.ENGINE);
        FAILURES.put(engine.name(), new AtomicInteger());
        configuration.set(StateBackendOptions.STATE_BACKEND, KeybedStateBackendFactory.class.getName());
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.resolve("checkpoints").toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, java.time.Duration.ofMillis(100));
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, 2);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, java.time.Duration.ofMillis(10));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(2, configuration);

        List<Tuple3<Long, Long, Integer>> results = new ArrayList<>();
        try (CloseableIterator<Tuple3<Long, Long, Integer>> collected = environment
                .fromSequence(0, RECORDS - 1)
                .map(i -> Tuple2.of(i % KEYS, i))
                .returns(Types.TUPLE(Types.LONG, Types.LONG))
                .keyBy(pair -> pair.f0)
                .process(new Counting(engine.name()))
                .executeAndCollect()) {
            collected.forEachRemaining(results::add);
        }

        assertEquals(1, FAILURES.get(engine.name()).get());
        // At the end of the input every timer fires once; what was counted is exact, in spite of the failure.
        Map<Long, Tuple3<Long, Long, Integer>> byKey = new TreeMap<>();
        for (Tuple3<Long, Long, Integer> result : results) {
            assertTrue(byKey.put(result.f0, result) == null, () -> "twice: " + result);
        }
        assertEquals(KEYS, byKey.size());
        byKey.forEach((key, result) -> {
            assertEquals(RECORDS / KEYS, result.f1, "count of " + key);
            assertEquals(10, result.f2, "last digits of " + key);
        });
    }

    /** Counts the records of a key, and how many last digits of their number by 500 it has seen; tells at the end. */
    private static final class Counting extends KeyedProcessFunction<Long, Tuple2<Long, Long>, Tuple3<Long, Long, Integer>>
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
        public void processElement(
                Tuple2<Long, Long> record, Context context, Collector<Tuple3<Long, Long, Integer>> out) throws Exception {
            if (++seen % 200 == 0) {
                Thread.sleep(5);
            }
            if (checkpointed && seen > 3_000 && FAILURES.get(engine).compareAndSet(0, 1)) {
                throw new IllegalStateException("the failure that the test wants");
            }
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            long digit = record.f1 / KEYS % 10;
            Long times = digits.get(digit);
            digits.put(digit, times == null ? 1 : times + 1);
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext context, Collector<Tuple3<Long, Long, Integer>> out)
                throws Exception {
            int entries = 0;
            long sum = 0;
            for (Map.Entry<Long, Long> digit : digits.entries()) {
                entries++;
                sum += digit.getValue();
            }
            assertEquals(count.value(), sum);
            out.collect(Tuple3.of(context.getCurrentKey(), count.value(), entries));
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            checkpointed = true;
        }
    }
}
