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
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;

/** A job that was submitted: its checkpoints, as its directory shows them, and its end. */
final class ClusterJob {
    static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final String METADATA = "_metadata";

    private final JobClient client;
    private final Path checkpoints;

    ClusterJob(JobClient client, Path checkpointDirectory) {
        this.client = client;
        this.checkpoints = checkpointDirectory.resolve(client.getJobID().toHexString());
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

    /** Cancels the job; where the checkpoint is that is retained. */
    String cancel() throws Exception {
        client.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitStatus(JobStatus.CANCELED);
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
