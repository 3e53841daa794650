package dev.keybed.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md tells an operator to do, done with Flink's own command line: from RocksDB to Keybed. */
class MigrationCommandsTest {
    private static final Pattern SUBMITTED = Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})");
    private static final Pattern SAVED = Pattern.compile("Savepoint completed\\. Path: (\\S+)");
    private static final String FACTORY = "dev.keybed.flink.KeybedStateBackendFactory";

    @TempDir
    Path directory;

    @Test
    void aJobMovesFromRocksDbToKeybed() throws Exception {
        String readme = Files.readString(Path.of(System.getProperty("keybed.root"), "README.md"));
        for (String told : List.of("state.backend.type: " + FACTORY, "flink stop --type canonical --savepointPath", "flink run -d -s")) {
            assertTrue(readme.contains(told), told);
        }
        try (FlinkCluster cluster = new FlinkCluster(
                directory.resolve("cluster"),
                ClassPath.flinkWith(ClassPath.keybed()),
                Map.of(
                        "state.backend.type", "rocksdb",
                        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString()))) {
            try {
                run(cluster);
            } catch (Throwable e) {
                System.err.println(cluster.logs());
                throw e;
            }
        }
    }

    private void run(FlinkCluster cluster) throws Exception {
        cluster.awaitRegistration(cluster.startTaskManager());
        Path jar = ClassPath.userJar(directory.resolve("job.jar"));
        Path output = Files.createDirectories(directory.resolve("output"));
        String savepoints = directory.resolve("savepoints").toUri().toString();
        Mark mark = ClusterJob.mark(directory);
        String[] arguments = {directory.resolve("mark").toString(), output.toString(), "10000"};

        mark.set(Input.EVENTS / 2);
        String job = find(SUBMITTED, cluster.flink(
                "run", "-d", "-p", "2", "-Dexecution.checkpointing.interval=500ms", "-Drestart-strategy.type=none",
                "-c", StatefulJob.class.getName(), jar.toString(), arguments[0], arguments[1], arguments[2]));
        ClusterJob.await("all partitions are at the mark", () -> mark.isReached(Input.EVENTS / 2));
        String savepoint =
                find(SAVED, cluster.flink("stop", "--type", "canonical", "--savepointPath", savepoints, job));

        mark.set(Input.LAST_PHASE);
        cluster.flink(
                "run", "-d", "-s", savepoint, "-p", "1", "-Dstate.backend.type=" + FACTORY,
                "-Dexecution.checkpointing.interval=500ms", "-Drestart-strategy.type=none",
                "-c", StatefulJob.class.getName(), jar.toString(), arguments[0], arguments[1], arguments[2]);
        ClusterJob.await("all partitions are at the mark", () -> mark.isReached(Input.LAST_PHASE));
        Thread.sleep(Fade.TIME_TO_LIVE.plusSeconds(3).toMillis());
        mark.set(Input.EVENTS);
        List<String> expected = Expected.lines();
        ClusterJob.await("the job has written all", () -> Output.lines(output).size() >= expected.size());
        assertEquals("", Output.difference(expected, Output.lines(output)));
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertTrue(matcher.find(), () -> "no " + pattern + " in:\n" + text);
        return matcher.group(1);
    }
}
