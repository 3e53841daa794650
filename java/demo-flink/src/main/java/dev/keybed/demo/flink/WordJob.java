package dev.keybed.demo.flink;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.util.CloseableIterator;

/** The job, on a cluster in this JVM, with checkpoints every second and one task that fails. */
final class WordJob {
    private static final int TASKS = 2;
    private static final MemorySize MANAGED_MEMORY = MemorySize.ofMebiBytes(1024);

    private final Corpus corpus;
    private final String engine;
    private final Path directory;

    WordJob(Corpus corpus, String engine, Path directory) {
        this.corpus = corpus;
        this.engine = engine;
        this.directory = directory;
    }

    /** Runs the job to its end; what it says of each word. */
    Map<String, WordResult> run() throws Exception {
        Happenings.reset();
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(TASKS, configuration());
        KeyedStream<Tuple2<String, Long>, String> words = environment
                .fromSource(
                        new NumberSequenceSource(0, corpus.lines() - 1),
                        WatermarkStrategy.<Long>forMonotonousTimestamps()
                                .withTimestampAssigner((line, timestamp) -> line * Passage.MILLIS_PER_LINE),
                        "line numbers")
                .setParallelism(1)
                .flatMap(new ReadLines(corpus))
                .returns(new TypeHint<Tuple2<String, Long>>() {})
                .setParallelism(1)
                .keyBy(word -> word.f0, Types.STRING);
        TypeInformation<Tuple2<String, WordResult>> result = TypeInformation.of(new TypeHint<>() {});
        DataStream<Tuple2<String, WordResult>> passages = words.window(EventTimeSessionWindows.withGap(
                        Duration.ofMillis(Passage.GAP_LINES * Passage.MILLIS_PER_LINE)))
                .aggregate(new Passages(), new Passages.Ended())
                .keyBy(passage -> passage.f0, Types.STRING)
                .process(new Summary(), result);
        DataStream<Tuple2<String, WordResult>> counts = words.process(new CountWord(corpus.words() / 2), result);

        Map<String, WordResult> results = new HashMap<>();
        try (CloseableIterator<Tuple2<String, WordResult>> collected =
                counts.union(passages).executeAndCollect("words")) {
            collected.forEachRemaining(each -> results.merge(each.f0, each.f1, WordJob::together));
        }
        return results;
    }

    /** The counts of a word and its passages come one by one; one that came twice would be twice as much, and wrong. */
    private static WordResult together(WordResult a, WordResult b) {
        return new WordResult(
                a.occurrences() + b.occurrences(),
                a.passages() + b.passages(),
                a.inLongest() + b.inLongest(),
                a.digest() + b.digest());
    }

    private Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, "dev.keybed.flink.KeybedStateBackendFactory");
        configuration.setString("state.backend.keybed.engine", engine);
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MANAGED_MEMORY);
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, TASKS);
        configuration.set(CoreOptions.TMP_DIRS, directory.toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.resolve("checkpoints").toUri().toString());
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        return configuration;
    }
}
