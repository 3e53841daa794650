package dev.keybed.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.util.FileUtils;

/**
 * One run of the job from its beginning to its end, in three lives on one cluster: with 2 tasks, with 3 from a savepoint, with 1 from
 * a retained checkpoint. In each a TaskManager is killed, when a checkpoint runs or at any moment, and another one started.
 */
final class Round {
    private static final int EVENTS_PER_SECOND = 1_500;
    /** More than a killed process brings about; fewer than a job that cannot run takes until patience ends. */
    private static final int RESTARTS = 20;
    /** What a TaskManager may have beside heap, managed memory and direct buffers: code, class data, stacks, the C library. */
    private static final long OTHER_MEMORY = 400L << 20;
    private static final long DIRECT_MEMORY = 64L << 20;

    private final String engine;
    private final long seed;
    private final Random random;
    private final SavepointFormatType savepointFormat;
    private final Configuration options = new Configuration();
    private final List<FlinkProcess> taskManagers = new ArrayList<>();
    private int restores;
    private int checkpoints;
    private long peakMemory;

    Round(String engine, long seed) {
        this.engine = engine;
        this.seed = seed;
        this.random = new Random(seed);
        this.savepointFormat = random.nextInt(4) > 0 ? SavepointFormatType.CANONICAL : SavepointFormatType.NATIVE;
        options.set(CheckpointingOptions.ENABLE_UNALIGNED, random.nextBoolean());
        options.set(StateRecoveryOptions.LOCAL_RECOVERY, random.nextBoolean());
        options.set(CheckpointingOptions.LOCAL_BACKUP_ENABLED, options.get(StateRecoveryOptions.LOCAL_RECOVERY));
        options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, random.nextBoolean());
        options.setString("execution.checkpointing.snapshot-compression", Boolean.toString(random.nextBoolean()));
    }

    @Override
    public String toString() {
        return engine + ", seed " + seed + ", savepoint " + savepointFormat + ", " + options;
    }

    /** What was wrong with the output; empty if nothing. */
    String run() throws Exception {
        Path directory = Files.createTempDirectory("keybed-cluster-");
        try (FlinkCluster cluster = new FlinkCluster(
                directory.resolve("cluster"),
                ClassPath.flinkWith(ClassPath.keybed()),
                Map.of(
                        "state.backend.type", "dev.keybed.flink.KeybedStateBackendFactory",
                        "state.backend.keybed.engine", engine))) {
            try {
                return run(directory, cluster);
            } catch (Throwable e) {
                System.err.println(cluster.logs());
                throw e;
            }
        } finally {
            FileUtils.deleteDirectory(directory.toFile());
        }
    }

    private String run(Path directory, FlinkCluster cluster) throws Exception {
        long started = System.nanoTime();
        Path output = Files.createDirectories(directory.resolve(ClusterJob.OUTPUT));
        Path savepoints = Files.createDirectories(directory.resolve("savepoints"));
        Mark mark = ClusterJob.mark(directory);
        Path jar = ClassPath.userJar(directory.resolve("job.jar"));
        for (int i = 0; i < 2; i++) {
            taskManagers.add(cluster.startTaskManager());
        }
        for (FlinkProcess taskManager : taskManagers) {
            cluster.awaitRegistration(taskManager);
        }

        mark.set(Input.EVENTS / 3);
        ClusterJob job = submit(cluster, directory, jar, 2, null);
        killOne(cluster, job);
        String savepoint = job.stop(savepoints, savepointFormat);

        mark.set(2 * Input.EVENTS / 3);
        job = submit(cluster, directory, jar, 3, savepoint);
        killOne(cluster, job);
        job.cancel();
        String checkpoint = job.retainedCheckpoint();

        mark.set(Input.LAST_PHASE);
        job = submit(cluster, directory, jar, 1, checkpoint);
        killOne(cluster, job);
        mark.forget();
        ClusterJob.await("all partitions are at the mark", () -> mark.isReached(Input.LAST_PHASE));
        job.awaitCheckpoints(2);
        Thread.sleep(Fade.TIME_TO_LIVE.plus(Duration.ofSeconds(1)).toMillis());

        // Numbers go on from life to life.
        checkpoints = job.lastCheckpoint().orElse(0);
        mark.set(Input.EVENTS);
        job.awaitStatus(JobStatus.FINISHED);
        String wrong = Output.difference(Expected.lines(), Output.lines(output));
        String leftovers = leftovers(cluster);
        System.out.printf(
                "%s: %d lines, %s; %d checkpoints, %d restores, a TaskManager had at most %d MiB; %d s%n",
                this,
                Output.lines(output).size(),
                wrong.isEmpty() ? "none wrong" : "WRONG",
                checkpoints,
                restores,
                peakMemory >> 20,
                Duration.ofNanos(System.nanoTime() - started).toSeconds());
        if (!wrong.isEmpty() || !leftovers.isEmpty()) {
            System.err.println(cluster.logs());
        }
        return wrong + leftovers;
    }

    private ClusterJob submit(FlinkCluster cluster, Path directory, Path jar, int parallelism, String from) throws Exception {
        Configuration configuration = new Configuration(options);
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(200));
        if (from != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
            configuration.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.NO_CLAIM);
            restores++;
        }
        ClusterJob job = ClusterJob.submit(cluster, directory, jar, configuration, parallelism, EVENTS_PER_SECOND);
        job.awaitCheckpoints(1);
        return job;
    }

    /** SIGKILL for a TaskManager that runs tasks, and a new one in its place; until checkpoints go on. */
    private void killOne(FlinkCluster cluster, ClusterJob job) throws Exception {
        Thread.sleep(random.nextInt(2_000));
        if (random.nextBoolean()) {
            job.awaitRunningCheckpoint();
        }
        FlinkProcess victim = taskManagers.get(random.nextInt(taskManagers.size()));
        checkMemory(victim);
        victim.kill();
        taskManagers.remove(victim);
        FlinkProcess successor = cluster.startTaskManager();
        taskManagers.add(successor);
        cluster.awaitRegistration(successor);
        job.awaitCheckpoints(2);
        job.awaitStatus(JobStatus.RUNNING);
        restores++;
    }

    /** The most that a TaskManager had at any time. */
    private void checkMemory(FlinkProcess taskManager) throws IOException {
        long limit = ((long) FlinkCluster.HEAP + FlinkCluster.MANAGED << 20) + DIRECT_MEMORY + OTHER_MEMORY;
        long peak = taskManager.status("VmHWM");
        peakMemory = Math.max(peak, peakMemory);
        if (peak > limit) {
            throw new IllegalStateException(taskManager.name() + " had " + (peak >> 20) + " MiB, its budget is " + (limit >> 20));
        }
    }

    /** What is left of tasks when all have ended, and who had more memory than he may; empty if nothing and nobody. */
    private String leftovers(FlinkCluster cluster) throws IOException {
        StringBuilder left = new StringBuilder();
        for (FlinkProcess taskManager : taskManagers) {
            checkMemory(taskManager);
            Path temporary = cluster.temporaryDirectory(taskManager);
            try (Stream<Path> files = Files.walk(temporary)) {
                files.filter(file -> file.getFileName().toString().matches("job_.*_op_.*|keybed-.*"))
                        .forEach(file -> left.append("left: ").append(temporary.relativize(file)).append('\n'));
            }
        }
        return left.toString();
    }
}
