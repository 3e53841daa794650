package dev.keybed.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A process of the cluster: a JVM with a Flink entry point, its configuration directory and its log. */
final class FlinkProcess implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(120);

    private static final String LOGGING = """
            status = warn
            rootLogger.level = INFO
            rootLogger.appenderRef.console.ref = Console
            appender.console.name = Console
            appender.console.type = Console
            appender.console.layout.type = PatternLayout
            appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} - %m%n
            """;

    private final String name;
    private final Path log;
    private final Process process;

    private FlinkProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts a process.
     *
     * @param directory where it has its configuration, log and temporary files; made
     * @param configuration lines of config.yaml
     * @param classPath the class path
     * @param heap as in {@code -Xmx}
     */
    static FlinkProcess start(
            String name, Path directory, List<String> configuration, List<Path> classPath, String heap, String main, String... arguments)
            throws IOException {
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        Files.write(directory.resolve("config.yaml"), configuration);
        Path logging = Files.writeString(directory.resolve("log4j2.properties"), LOGGING);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // The heap is resident from the start, and caches let go: what grows is something else.
                "-Xms" + heap,
                "-Xmx" + heap,
                "-XX:+AlwaysPreTouch",
                "-XX:SoftRefLRUPolicyMSPerMB=0",
                "-XX:+UseSerialGC",
                "-XX:MaxMetaspaceSize=256m",
                "-XX:MaxDirectMemorySize=256m",
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + temporary,
                "-Dlog4j.configurationFile=" + logging,
                "-Dlog4j2.disable.jmx=true"));
        for (String opened : List.of("java.lang", "java.net", "java.io", "java.nio", "java.util", "java.util.concurrent",
                "java.util.concurrent.atomic", "java.util.concurrent.locks", "java.text", "java.time", "sun.nio.ch")) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.add("-cp");
        command.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(main);
        command.addAll(List.of(arguments));
        Path log = directory.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // As Flink's documentation advises for RocksDB: the C library's arenas do not add up.
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        builder.environment().put("FLINK_CONF_DIR", directory.toString());
        Process process = builder.start();
        // Whoever stops the tests, stops it too.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new FlinkProcess(name, log, process);
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and a while to end in an orderly way. */
    boolean terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor(30, TimeUnit.SECONDS);
    }

    int exitCode(Duration within) throws InterruptedException {
        if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(name + " has not ended within " + within + "\n" + log());
        }
        return process.exitValue();
    }

    /** Waits until the log has a line that matches; what the pattern's group found. */
    String await(Pattern pattern) throws IOException, InterruptedException {
        long end = System.nanoTime() + STARTS_WITHIN.toNanos();
        while (true) {
            Matcher matcher = pattern.matcher(log());
            if (matcher.find()) {
                return matcher.group(1);
            }
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException(name + (process.isAlive() ? " does not say " : " ended without ") + pattern + "\n" + log());
            }
            Thread.sleep(50);
        }
    }

    String log() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(the log is not readable: " + e + ")";
        }
    }

    /** Bytes, of a line such as {@code VmHWM:  123 kB} in /proc/PID/status. */
    long status(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IllegalStateException("no " + field + " of " + name);
    }

    int openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
            return (int) files.count();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
