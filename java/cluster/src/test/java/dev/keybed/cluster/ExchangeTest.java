package dev.keybed.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A job goes from Flink's heap backend to Keybed, to Flink's RocksDB backend and back, through canonical savepoints, and from Keybed to
 * Keybed through native savepoints and retained checkpoints, claimed and not. What it writes at last is exactly what it should.
 */
class ExchangeTest {
    private static final String HEAP = "hashmap";
    private static final String ROCKSDB = "rocksdb";
    private static final String KEYBED = "dev.keybed.flink.KeybedStateBackendFactory";
    private static final int LIVES = 8;
    private static final int EVENTS_PER_SECOND = 10_000;

    @TempDir
    Path directory;

    private FlinkCluster cluster;
    private FlinkProcess taskManager;
    private Path jar;
    private String engine;
    private Mark mark;
    private int life;

    @ParameterizedTest
    @ValueSource(strings = {"table", "rocks"})
    void aJobGoesFromBackendToBackend(String engine) throws Exception {
        this.engine = engine;
        try (FlinkCluster cluster =
                new FlinkCluster(directory.resolve("cluster"), ClassPath.flinkWith(ClassPath.keybed()), Map.of())) {
            this.cluster = cluster;
            try {
                run();
            } catch (Throwable e) {
                System.err.println(cluster.logs());
                throw e;
            }
        }
    }

    private void run() throws Exception {
        Path savepoints = Files.createDirectories(directory.resolve("savepoints"));
        jar = ClassPath.userJar(directory.resolve("job.jar"));
        mark = ClusterJob.mark(directory);
        taskManager = cluster.startTaskManager();
        cluster.awaitRegistration(taskManager);

        ClusterJob job = live(HEAP, 2, null, null);
        String from = job.stop(savepoints, SavepointFormatType.CANONICAL);
        job = live(KEYBED, 1, from, RecoveryClaimMode.NO_CLAIM);
        assertTrue(isThere(from));
        from = job.stop(savepoints, SavepointFormatType.CANONICAL);
        job = live(ROCKSDB, 2, from, RecoveryClaimMode.CLAIM);
        from = job.stop(savepoints, SavepointFormatType.CANONICAL);
        job = live(KEYBED, 2, from, RecoveryClaimMode.CLAIM);
        from = job.stop(savepoints, SavepointFormatType.NATIVE);
        job = live(KEYBED, 2, from, RecoveryClaimMode.CLAIM);
        job.cancel();
        from = job.retainedCheckpoint();
        job = live(KEYBED, 1, from, RecoveryClaimMode.CLAIM);
        job.cancel();
        from = job.retainedCheckpoint();
        job = live(KEYBED, 2, from, RecoveryClaimMode.NO_CLAIM);
        assertTrue(isThere(from));
        // Nobody claimed it, so nobody needs it, even to recover.
        FileUtils.deleteDirectory(Path.of(URI.create(from)).toFile());
        taskManager.kill();
        taskManager = cluster.startTaskManager();
        job.awaitCheckpoints(2);
        from = job.stop(savepoints, SavepointFormatType.CANONICAL);

        job = live(HEAP, 2, from, RecoveryClaimMode.NO_CLAIM);
        Thread.sleep(Fade.TIME_TO_LIVE.plusSeconds(1).toMillis());
        mark.set(Input.EVENTS);
        job.awaitStatus(JobStatus.FINISHED);
        assertEquals(
                "", Output.difference(Expected.lines(), Output.lines(directory.resolve(ClusterJob.OUTPUT))));
        assertEquals(LIVES, life);
    }

    /** Starts the job and lets it read its part of the input, and take checkpoints after that. */
    private ClusterJob live(String backend, int parallelism, String from, RecoveryClaimMode mode) throws Exception {
        life++;
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.setString("state.backend.keybed.engine", engine);
        options.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 5);
        if (from != null) {
            options.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
            options.set(StateRecoveryOptions.RESTORE_MODE, mode);
        }
        int until = life * (Input.LAST_PHASE / LIVES);
        mark.set(until);
        ClusterJob job = ClusterJob.submit(cluster, directory, jar, options, parallelism, EVENTS_PER_SECOND);
        ClusterJob.await("all partitions are at the mark", () -> mark.isReached(until));
        job.awaitCheckpoints(2);
        return job;
    }

    private static boolean isThere(String snapshot) {
        return Files.exists(Path.of(URI.create(snapshot)).resolve("_metadata"));
    }
}
