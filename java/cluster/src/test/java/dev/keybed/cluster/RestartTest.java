package dev.keybed.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs come and go on one TaskManager, each with its own class loader for the user's code, and leave nothing there. */
class RestartTest {
    private static final String FACTORY = "dev.keybed.flink.KeybedStateBackendFactory";
    private static final int JOBS = 50;
    private static final int JOBS_WITH_THE_LIBRARY = 20;
    /** So long a JVM takes until it has what it keeps: compiled code, buffers, threads of pools. */
    private static final int WARM_UP = 20;
    private static final int MEASURED_EVERY = 10;
    /** What the process may grow by in the jobs after that; one store that stays would be more: there are 600. */
    private static final long MEBIBYTES = 32;
    private static final int DESCRIPTORS = 10;

    @TempDir
    Path directory;

    private FlinkCluster cluster;
    private FlinkProcess taskManager;

    private void start(List<Path> classPath, Map<String, String> options) throws Exception {
        cluster = new FlinkCluster(directory.resolve("cluster"), classPath, options);
        taskManager = cluster.startTaskManager();
        cluster.awaitRegistration(taskManager);
        ClusterJob.mark(directory).set(Input.EVENTS / 10);
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void fiftyJobsLeaveMemoryFilesAndDirectoriesAsTheyWere() throws Exception {
        start(ClassPath.flinkWith(ClassPath.keybed()), Map.of("state.backend.type", FACTORY));
        Path jar = ClassPath.userJar(directory.resolve("job.jar"));
        List<Footprint> footprints = run(jar, JOBS, new Configuration());
        Footprint before = footprints.get(WARM_UP / MEASURED_EVERY);
        Footprint after = footprints.get(JOBS / MEASURED_EVERY);
        try {
            // Stores, sessions, snapshots and all else that the library counts.
            assertEquals("", liveHandles(jar).replaceAll("[\\[\\], 0]", ""));
            assertTrue(after.resident() - before.resident() < MEBIBYTES << 20, () -> footprints.toString());
            assertTrue(after.openFiles() - before.openFiles() < DESCRIPTORS, () -> footprints.toString());
            assertTrue(after.userClassLoaders() < JOBS / 2, () -> footprints.toString());
            assertTrue(after.libraries() == 1, () -> footprints.toString());
        } catch (AssertionError e) {
            System.err.println(cluster.logs());
            throw e;
        }
    }

    /** A library belongs to the class loader that loads it, so each job loads a copy of its own. */
    @Test
    void theJarWorksInTheUserJarToo() throws Exception {
        start(ClassPath.flink(), Map.of());
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, FACTORY);
        Path jar = ClassPath.userJar(directory.resolve("job.jar"), ClassPath.keybed());
        List<Footprint> footprints = run(jar, JOBS_WITH_THE_LIBRARY, options);
        Footprint after = footprints.get(JOBS_WITH_THE_LIBRARY / MEASURED_EVERY);
        assertTrue(after.userClassLoaders() < JOBS_WITH_THE_LIBRARY / 2, () -> footprints.toString());
    }

    /** Runs jobs one after the other; what the TaskManager has, before the first and after each {@link #MEASURED_EVERY}. */
    private List<Footprint> run(Path jar, int jobs, Configuration options) throws Exception {
        List<Footprint> footprints = new ArrayList<>();
        footprints.add(Footprint.of(taskManager));
        for (int i = 1; i <= jobs; i++) {
            Configuration ofThisJob = new Configuration(options);
            ofThisJob.setString("state.backend.keybed.engine", i % 2 == 0 ? "table" : "rocks");
            try {
                ClusterJob job = ClusterJob.submit(cluster, directory, jar, ofThisJob, FlinkCluster.SLOTS, 10_000);
                job.awaitCheckpoints(1);
                job.cancel();
                // A checkpoint that was being written when its job was cancelled holds its directory a little longer.
                ClusterJob.await("the directories of job " + i + " are deleted", () -> ofKeybed().isEmpty());
            } catch (Exception | Error e) {
                System.err.println(cluster.logs());
                ofKeybed().forEach(System.err::println);
                throw e;
            }
            if (i % MEASURED_EVERY == 0) {
                footprints.add(Footprint.of(taskManager));
                System.out.println("after " + i + " jobs: " + footprints.get(footprints.size() - 1));
            }
        }
        return footprints;
    }

    /** What Keybed has in the directory for temporary files: stores, restores, the extracted library. */
    private List<Path> ofKeybed() throws Exception {
        try (var files = Files.walk(cluster.temporaryDirectory(taskManager))) {
            return files.filter(file -> file.getFileName().toString().matches("job_.*_op_.*|keybed-.*"))
                    .toList();
        } catch (UncheckedIOException e) {
            // Deleted while it was read; whoever asks, asks again.
            return List.of(cluster.temporaryDirectory(taskManager));
        }
    }

    private String liveHandles(Path jar) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createRemoteEnvironment(
                "127.0.0.1", Integer.parseInt(cluster.restPort()), cluster.clientConfiguration(), jar.toString());
        environment.setParallelism(1);
        try (CloseableIterator<String> answer =
                environment.fromSequence(1, 1).map(new LiveHandles()).executeAndCollect()) {
            return answer.next();
        }
    }
}
