package dev.keybed.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import dev.keybed.flink.KeybedOptions;
import dev.keybed.flink.KeybedStateBackendFactory;
import dev.keybed.flink.TimerService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.StreamOperatorFactory;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.streaming.api.transformations.TwoInputTransformation;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.api.config.AggregatePhaseStrategy;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.api.config.OptimizerConfigOptions;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streaming SQL on a cluster in this JVM: a task fails after a checkpoint, and the result is the one computed without Flink. */
class SqlJobTest {
    /** Those whose operators the planner has with State V2, in the oldest version already. */
    private static final Set<Query> ASYNCHRONOUS =
            Set.of(Query.SUMS, Query.JOIN, Query.TUMBLE, Query.HOP, Query.TOP);

    @TempDir
    Path folder;

    static Stream<Arguments> queries() {
        return Stream.of(Query.values())
                .flatMap(query -> Stream.of(Engine.values()).map(engine -> Arguments.of(query, engine)));
    }

    static Stream<Arguments> asynchronousQueries() {
        return queries().filter(arguments -> ASYNCHRONOUS.contains(arguments.get()[0]));
    }

    /** Mini-batches are off, as they are when nothing is said; state lives for an hour, so that it goes through time to live. */
    @ParameterizedTest
    @MethodSource("queries")
    void aQuerySurvivesAFailure(Query query, Engine engine) throws Exception {
        StreamExecutionEnvironment environment = environment(engine);
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        tables.getConfig().set(ExecutionConfigOptions.IDLE_STATE_RETENTION, Duration.ofHours(1));
        createViews(environment, tables, engine + " " + query);
        run(tables, query, engine + " " + query, false);
    }

    /** The planner lets windows share one key object where the backend says that it may: not where timers refer to it. */
    @ParameterizedTest
    @CsvSource({"TABLE, NATIVE", "ROCKS, HEAP"})
    void aWindowSurvivesWhereTimersAreNotKeptByDefault(Engine engine, TimerService timers) throws Exception {
        Configuration configuration = configuration(engine);
        configuration.set(KeybedOptions.TIMER_SERVICE, timers);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        createViews(environment, tables, engine + " " + timers);
        run(tables, Query.TUMBLE, engine + " " + timers, false);
    }

    /** State V2: its operators are wrapped, by Flink, for a backend that is not asynchronous. */
    @ParameterizedTest
    @MethodSource("asynchronousQueries")
    void aQueryOfAsynchronousStateSurvivesAFailure(Query query, Engine engine) throws Exception {
        StreamExecutionEnvironment environment = environment(engine);
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        tables.getConfig().set(ExecutionConfigOptions.TABLE_EXEC_ASYNC_STATE_ENABLED, true);
        // Windows that are counted in two phases have operators of the other kind.
        tables.getConfig()
                .set(OptimizerConfigOptions.TABLE_OPTIMIZER_AGG_PHASE_STRATEGY, AggregatePhaseStrategy.ONE_PHASE);
        createViews(environment, tables, engine + " " + query + " asynchronous");
        run(tables, query, engine + " " + query + " asynchronous", true);
    }

    /** Two rows for each key, further apart than state lives: none is the second of its key. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void groupsAreForgottenWhenTheirTimeToLiveIsOver(Engine engine) throws Exception {
        StreamExecutionEnvironment environment = environment(engine);
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        tables.getConfig().set(ExecutionConfigOptions.IDLE_STATE_RETENTION, Duration.ofSeconds(1));
        DataStream<Row> twice = environment
                .fromSequence(0, 2 * Event.KEYS - 1)
                .setParallelism(1)
                .map(i -> {
                    if (i == Event.KEYS) {
                        Thread.sleep(3_000);
                    }
                    return Row.of(i % Event.KEYS);
                })
                .returns(Types.ROW_NAMED(new String[] {"k"}, Types.LONG))
                .setParallelism(1);
        tables.createTemporaryView("twice", tables.fromDataStream(twice));

        TreeMap<String, Integer> expected = new TreeMap<>();
        for (long k = 0; k < Event.KEYS; k++) {
            expected.put(Query.line(k, 1), 2);
        }
        assertEquals(expected, result(tables.toChangelogStream(
                tables.sqlQuery("SELECT k, COUNT(*) FROM twice GROUP BY k"))));
    }

    private StreamExecutionEnvironment environment(Engine engine) {
        return StreamExecutionEnvironment.createLocalEnvironment(2, configuration(engine));
    }

    private Configuration configuration(Engine engine) {
        Configuration configuration = new Configuration();
        configuration.set(KeybedOptions.ENGINE, engine);
        configuration.set(StateBackendOptions.STATE_BACKEND, KeybedStateBackendFactory.class.getName());
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.resolve("checkpoints").toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, 2);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        configuration.setString("table.local-time-zone", "UTC");
        return configuration;
    }

    private void run(StreamTableEnvironment tables, Query query, String name, boolean asynchronous) throws Exception {
        DataStream<Row> changes = tables.toChangelogStream(tables.sqlQuery(query.sql));
        List<String> operators = changes.getTransformation().getTransitivePredecessors().stream()
                .map(SqlJobTest::operator)
                .filter(operator -> operator.contains("Async"))
                .toList();
        assertEquals(asynchronous, !operators.isEmpty(), () -> name + ": " + operators);
        TreeMap<String, Integer> result = result(changes);
        assertEquals(1, FailingOnce.failures(name), "failures");
        TreeMap<String, Integer> missing = query.expected();
        result.forEach((row, times) -> missing.merge(row, -times, (a, b) -> a + b == 0 ? null : a + b));
        assertEquals(Map.of(), missing, "rows that are missing, and less than 0 times: that are too many");
    }

    private static String operator(Transformation<?> transformation) {
        StreamOperatorFactory<?> factory = null;
        if (transformation instanceof OneInputTransformation<?, ?> one) {
            factory = one.getOperatorFactory();
        } else if (transformation instanceof TwoInputTransformation<?, ?, ?> two) {
            factory = two.getOperatorFactory();
        }
        return factory == null
                ? ""
                : factory.getStreamOperatorClass(SqlJobTest.class.getClassLoader()).getSimpleName();
    }

    /** The rows that are there when all changes are done, and how often. */
    private static TreeMap<String, Integer> result(DataStream<Row> changes) throws Exception {
        TreeMap<String, Integer> rows = new TreeMap<>();
        try (CloseableIterator<Row> collected = changes.executeAndCollect()) {
            while (collected.hasNext()) {
                Row change = collected.next();
                Object[] fields = new Object[change.getArity()];
                for (int i = 0; i < fields.length; i++) {
                    fields[i] = change.getField(i);
                }
                String row = Query.line(fields);
                if (change.getKind() == RowKind.INSERT || change.getKind() == RowKind.UPDATE_AFTER) {
                    rows.merge(row, 1, Integer::sum);
                } else {
                    assertTrue(rows.containsKey(row), () -> "taken back, but was not there: " + row);
                    rows.merge(row, -1, (a, b) -> a + b == 0 ? null : a + b);
                }
            }
        }
        return rows;
    }

    private static void createViews(StreamExecutionEnvironment environment, StreamTableEnvironment tables, String name) {
        DataStream<Row> events = environment
                .fromSequence(0, Event.COUNT - 1)
                .setParallelism(1)
                .map(new FailingOnce(name))
                .returns(Types.ROW_NAMED(
                        new String[] {"id", "k", "v", "s", "ts"},
                        Types.LONG,
                        Types.LONG,
                        Types.INT,
                        Types.STRING,
                        Types.INSTANT))
                .setParallelism(1);
        tables.createTemporaryView(
                "events",
                events,
                Schema.newBuilder()
                        .column("id", "BIGINT")
                        .column("k", "BIGINT")
                        .column("v", "INT")
                        .column("s", "STRING")
                        .column("ts", "TIMESTAMP_LTZ(3)")
                        .watermark("ts", "ts - INTERVAL '1' SECOND")
                        .build());
        DataStream<Row> names = environment
                .fromSequence(0, Event.KEYS / 2 * Event.NAMES - 1)
                .map(i -> Row.of(Event.named(i), Event.name(i)))
                .returns(Types.ROW_NAMED(new String[] {"k", "name"}, Types.LONG, Types.STRING));
        tables.createTemporaryView("names", tables.fromDataStream(names));
    }
}
