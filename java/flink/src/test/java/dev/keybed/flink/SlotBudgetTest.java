package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real TaskManager gives the operators of a slot one budget, its managed memory, and their gauges reach its reporters. */
class SlotBudgetTest {
    private static final MemorySize MANAGED = MemorySize.ofMebiBytes(64);
    private static final int RECORDS = 4_000;
    private static final int VALUE_BYTES = 1_000;

    /** By engine; tasks are in this JVM. */
    private static final Map<String, InMemoryReporter> REPORTERS = new ConcurrentHashMap<>();

    /** By engine: until it is open, the first operator has its state. */
    private static final Map<String, CountDownLatch> TOLD = new ConcurrentHashMap<>();

    static List<Engine> engines() {
        return Engines.all();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void twoOperatorsOfASlotShareItsManagedMemory(Engine engine) throws Exception {
        InMemoryReporter reporter = InMemoryReporter.create();
        REPORTERS.put(engine.name(), reporter);
        TOLD.put(engine.name(), new CountDownLatch(1));
        Configuration configuration = Engines.configuration(engine);
        configuration.set(StateBackendOptions.STATE_BACKEND, KeybedStateBackendFactory.class.getName());
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MANAGED);
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, 1);
        reporter.addToConfiguration(configuration);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        Map<String, Long> told = new TreeMap<>();
        try (CloseableIterator<String> collected = environment
                .fromSequence(0, RECORDS - 1)
                .keyBy(number -> number)
                .process(new Keeping(engine.name()))
                .name("keeping")
                .keyBy(number -> 0L)
                .process(new Telling(engine.name()))
                .name("telling")
                .executeAndCollect()) {
            collected.forEachRemaining(line -> told.put(line.split("=")[0], Long.valueOf(line.split("=")[1])));
        }
        assertEquals(4, told.size(), told::toString);
        assertEquals(MANAGED.getBytes(), told.get("keeping.memory-limit-bytes"));
        assertEquals(MANAGED.getBytes(), told.get("telling.memory-limit-bytes"));
        // What the first has written is counted for the second, which has next to nothing.
        long written = (long) RECORDS * VALUE_BYTES;
        for (String operator : List.of("keeping", "telling")) {
            long used = told.get(operator + ".memory-used-bytes");
            assertTrue(used >= written && used < MANAGED.getBytes(), () -> operator + ": " + used + " bytes");
        }
    }

    /** Writes a value for each key. */
    private static final class Keeping extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        private final String engine;
        private transient ValueState<byte[]> kept;
        private transient int seen;

        Keeping(String engine) {
            this.engine = engine;
        }

        @Override
        public void open(OpenContext context) {
            kept = getRuntimeContext().getState(new ValueStateDescriptor<>("kept", byte[].class));
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            kept.update(new byte[VALUE_BYTES]);
            out.collect(number);
            if (++seen == RECORDS) {
                assertTrue(TOLD.get(engine).await(60, TimeUnit.SECONDS), "the second operator has seen all records");
            }
        }
    }

    /** Counts, and after the last record tells what the gauges of both operators tell. */
    private static final class Telling extends KeyedProcessFunction<Long, Long, String> {
        private static final long serialVersionUID = 1L;

        private final String engine;
        private transient ValueState<Long> count;

        Telling(String engine) {
            this.engine = engine;
        }

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(Long number, Context context, Collector<String> out) throws Exception {
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            if (count.value() < RECORDS) {
                return;
            }
            // Gauges tell what is at most a second old.
            Thread.sleep(1_100);
            for (String operator : List.of("keeping", "telling")) {
                for (String name : List.of("memory-limit-bytes", "memory-used-bytes")) {
                    String end = "." + operator + ".0." + BackendMetrics.GROUP + "." + name;
                    REPORTERS.get(engine).getMetricsByGroup().forEach((group, metrics) -> metrics.forEach((key, metric) -> {
                        if (group.getMetricIdentifier(key).endsWith(end)) {
                            out.collect(operator + "." + name + "=" + ((Gauge<?>) metric).getValue());
                        }
                    }));
                }
            }
            TOLD.get(engine).countDown();
        }
    }
}
