package dev.keybed.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;

/**
 * A standalone session cluster on loopback: a JobManager and TaskManagers, each a process, on ports that were free. When it is
 * closed all are killed.
 */
final class FlinkCluster implements AutoCloseable {
    /** What a TaskManager may have, in MiB. */
    static final int HEAP = 256;
    static final int MANAGED = 256;
    static final int SLOTS = 2;

    private static final Pattern RPC = Pattern.compile("Actor system started at pekko\\.tcp://flink@127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern REST = Pattern.compile("Rest endpoint listening at (?:127\\.0\\.0\\.1|localhost):(\\d+)");
    private static final Pattern REGISTERED = Pattern.compile("Successful registration at resource manager (\\S+)");

    private final Path directory;
    private final Map<String, String> configuration;
    private final List<Path> classPath;
    private final FlinkProcess jobManager;
    private final List<FlinkProcess> all = new ArrayList<>();
    private final String rpcPort;
    private final String restPort;

    /**
     * Starts the JobManager.
     *
     * @param directory where the processes have their files; made
     * @param more configuration beside what makes a cluster
     */
    FlinkCluster(Path directory, List<Path> classPath, Map<String, String> more) throws IOException, InterruptedException {
        this.directory = directory;
        this.classPath = classPath;
        configuration = new TreeMap<>(Map.ofEntries(
                Map.entry("jobmanager.rpc.address", "127.0.0.1"),
                Map.entry("jobmanager.bind-host", "127.0.0.1"),
                Map.entry("jobmanager.rpc.port", "0"),
                Map.entry("rest.address", "127.0.0.1"),
                Map.entry("rest.bind-address", "127.0.0.1"),
                Map.entry("rest.bind-port", "0"),
                Map.entry("taskmanager.host", "127.0.0.1"),
                Map.entry("taskmanager.bind-host", "127.0.0.1"),
                Map.entry("taskmanager.numberOfTaskSlots", Integer.toString(SLOTS)),
                Map.entry("taskmanager.cpu.cores", "1"),
                Map.entry("taskmanager.memory.task.heap.size", HEAP - 128 + "m"),
                Map.entry("taskmanager.memory.framework.heap.size", "128m"),
                Map.entry("taskmanager.memory.framework.off-heap.size", "64m"),
                Map.entry("taskmanager.memory.task.off-heap.size", "0"),
                Map.entry("taskmanager.memory.jvm-metaspace.size", "128m"),
                Map.entry("taskmanager.memory.jvm-overhead.min", "192m"),
                Map.entry("taskmanager.memory.jvm-overhead.max", "192m"),
                Map.entry("taskmanager.memory.network.min", "32m"),
                Map.entry("taskmanager.memory.network.max", "32m"),
                Map.entry("taskmanager.memory.managed.size", MANAGED + "m"),
                // A killed process is noticed when it cannot be reached, not when its heartbeats stay away.
                Map.entry("heartbeat.interval", "500"),
                Map.entry("heartbeat.timeout", "60000"),
                Map.entry("heartbeat.rpc-failure-threshold", "2")));
        configuration.putAll(more);
        jobManager = start(
                "jobmanager", "256m", "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint");
        try {
            rpcPort = jobManager.await(RPC);
            restPort = jobManager.await(REST);
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
        configuration.put("jobmanager.rpc.port", rpcPort);
    }

    private FlinkProcess start(String name, String heap, String main) throws IOException {
        Path place = Files.createDirectories(directory.resolve(name));
        Map<String, String> options = new TreeMap<>(configuration);
        options.put("io.tmp.dirs", place.resolve("tmp").toString());
        List<String> lines = options.entrySet().stream()
                .map(option -> option.getKey() + ": " + option.getValue())
                .toList();
        FlinkProcess process =
                FlinkProcess.start(name, place, lines, classPath, heap, main, "--configDir", place.toString());
        all.add(process);
        return process;
    }

    /** Starts a TaskManager; it registers on its own time. */
    FlinkProcess startTaskManager() throws IOException {
        return start("taskmanager-" + all.size(), HEAP + "m", "org.apache.flink.runtime.taskexecutor.TaskManagerRunner");
    }

    void awaitRegistration(FlinkProcess taskManager) throws IOException, InterruptedException {
        taskManager.await(REGISTERED);
    }

    /** Where a process has what it leaves in a directory for temporary files. */
    Path temporaryDirectory(FlinkProcess process) {
        return directory.resolve(process.name()).resolve("tmp");
    }

    /** Runs Flink's command line, the program behind {@code bin/flink}; what it prints. */
    String flink(String... arguments) throws IOException, InterruptedException {
        String name = "flink-" + arguments[0] + "-" + all.size();
        List<String> lines = List.of("rest.address: 127.0.0.1", "rest.port: " + restPort, "jobmanager.rpc.address: 127.0.0.1");
        FlinkProcess client = FlinkProcess.start(
                name, directory.resolve(name), lines, classPath, "256m", "org.apache.flink.client.cli.CliFrontend", arguments);
        all.add(client);
        int exitCode = client.exitCode(ClusterJob.PATIENCE);
        if (exitCode != 0) {
            throw new IllegalStateException(name + " ended with " + exitCode + "\n" + client.log());
        }
        return client.log();
    }

    /** For clients. */
    Configuration clientConfiguration() {
        Configuration client = new Configuration();
        client.setString("rest.address", "127.0.0.1");
        client.setString("rest.port", restPort);
        return client;
    }

    String restPort() {
        return restPort;
    }

    /** What all processes have written, for who looks for the reason of a failure. */
    String logs() {
        StringBuilder logs = new StringBuilder();
        for (FlinkProcess process : all) {
            logs.append("\n======== ").append(process.name()).append(process.isAlive() ? "" : " (ended)").append('\n');
            logs.append(process.log());
        }
        return logs.toString();
    }

    @Override
    public void close() {
        all.forEach(FlinkProcess::close);
        for (FlinkProcess process : all) {
            try {
                process.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
