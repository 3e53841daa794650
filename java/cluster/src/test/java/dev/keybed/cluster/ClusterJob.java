package dev.keybed.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job that was submitted: its checkpoints, as its directory shows them, and its end. */
final class ClusterJob {
    static final Duration PATIENCE = Duration.ofSeconds(180);
    static final String OUTPUT = "output";
    private static final String MARK = "mark";
    private static final String METADATA = "_metadata";

    private final JobClient client;
    private final Path checkpoints;

    ClusterJob(JobClient client, Path checkpointDirectory) {
        this.client = client;
        this.checkpoints = checkpointDirectory.resolve(client.getJobID().toHexString());
    }

    /** Where the job of a directory finds how far it may read. */
    static Mark mark(Path directory) throws IOException {
        return new Mark(Files.createDirectories(directory.resolve(MARK)).toString());
    }

    /**
     * Submits {@link StatefulJob}, as {@code flink run} does, and waits until it runs.
     *
     * @param directory where it has its mark, output and checkpoints
     * @param jar the user jar
     * @param options configuration of the job
     */
    static ClusterJob submit(
            FlinkCluster cluster, Path directory, Path jar, Configuration options, int parallelism, int eventsPerSecond)
            throws Exception {
        Path checkpoints = directory.resolve("checkpoints");
        Configuration configuration = cluster.clientConfiguration();
        configuration.addAll(options);
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(300));
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createRemoteEnvironment(
                "127.0.0.1", Integer.parseInt(cluster.restPort()), configuration, jar.toString());
        environment.setParallelism(parallelism);
        environment.setMaxParallelism(128);
        StatefulJob.build(
                environment,
                directory.resolve(MARK).toString(),
                Files.createDirectories(directory.resolve(OUTPUT)).toString(),
                eventsPerSecond);
        ClusterJob job = new ClusterJob(environment.executeAsync("a job of " + parallelism), checkpoints);
        job.awaitStatus(JobStatus.RUNNING);
        return job;
    }

    JobStatus status() throws Exception {
        return client.getJobStatus().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    void awaitStatus(JobStatus status) throws Exception {
        await("the job is " + status, () -> {
            JobStatus now = status();
            if (now != status && now.isGloballyTerminalState()) {
                String why = now == JobStatus.FAILED ? failure() : "";
                throw new IllegalStateException("the job is " + now + why);
            }
            return now == status;
        });
    }

    private String failure() throws Exception {
        try {
            client.getJobExecutionResult().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return "";
        } catch (java.util.concurrent.ExecutionException e) {
            java.io.StringWriter text = new java.io.StringWriter();
            e.printStackTrace(new java.io.PrintWriter(text));
            return "\n" + text;
        }
    }

    /** Waits until checkpoints have begun and ended from now on. */
    void awaitCheckpoints(int more) throws Exception {
        // One that is running now may have begun before what the caller waits for.
        int first = numbers(false).max().orElse(0);
        await(more + " checkpoints after " + first, () -> lastCheckpoint().orElse(0) >= first + more);
    }

    /** Waits until a checkpoint runs. */
    void awaitRunningCheckpoint() throws Exception {
        await("a checkpoint runs", () -> numbers(false).max().orElse(0) > lastCheckpoint().orElse(0));
    }

    /** The newest that is complete. */
    OptionalInt lastCheckpoint() throws IOException {
        return numbers(true).max();
    }

    private IntStream numbers(boolean complete) throws IOException {
        if (!Files.isDirectory(checkpoints)) {
            return IntStream.empty();
        }
        try (Stream<Path> files = Files.list(checkpoints)) {
            return files.filter(file -> file.getFileName().toString().startsWith("chk-"))
                    .filter(file -> !complete || Files.exists(file.resolve(METADATA)))
                    .mapToInt(file -> Integer.parseInt(file.getFileName().toString().substring("chk-".length())))
                    .boxed()
                    .toList()
                    .stream()
                    .mapToInt(Integer::intValue);
        }
    }

    /** Stops the job with a savepoint; where it is. */
    String stop(Path savepoints, SavepointFormatType format) throws Exception {
        String savepoint = client.stopWithSavepoint(false, savepoints.toUri().toString(), format)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitStatus(JobStatus.FINISHED);
        return savepoint;
    }

    void cancel() throws Exception {
        client.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitStatus(JobStatus.CANCELED);
    }

    /** Where the checkpoint is that is retained by a job that was cancelled. */
    String retainedCheckpoint() throws IOException {
        int last = lastCheckpoint().orElseThrow(() -> new IllegalStateException("no checkpoint is retained"));
        return checkpoints.resolve("chk-" + last).toUri().toString();
    }

    /** A question that may fail. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits, but not for ever. */
    static void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + PATIENCE + " in vain until " + what);
            }
            Thread.sleep(5);
        }
    }
}
