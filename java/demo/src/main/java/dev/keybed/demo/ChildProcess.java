package dev.keybed.demo;

import dev.keybed.Store;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A main class of the demo in a JVM of its own, and what it says. */
final class ChildProcess implements AutoCloseable {
    /** The exit code of a process that SIGKILL ended. */
    static final int KILLED = 128 + 9;

    private static final int LONGEST_SECONDS = 120;

    private final Process process;
    private final BufferedReader lines;
    private final Thread reaper;
    private final WrongAnswers wrong;
    private final List<String> others = new ArrayList<>();

    /** @param wrong gets the wrong answers that the process reports */
    ChildProcess(WrongAnswers wrong, Class<?> main, String... words) throws IOException {
        this.wrong = wrong;
        process = new ProcessBuilder(command(main, words)).redirectErrorStream(true).start();
        lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        // For those who lose patience, and so that no process waits for ever for one that hangs.
        reaper = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(reaper);
        process.onExit().orTimeout(LONGEST_SECONDS, TimeUnit.SECONDS).whenComplete((ended, late) -> {
            if (late != null) {
                process.destroyForcibly();
            }
        });
    }

    private static List<String> command(Class<?> main, String... words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Flags that this JVM needs are needed there too.
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--") || flag.startsWith("-Dkeybed.")) {
                command.add(flag);
            }
        }
        command.add("-Xmx256m");
        command.add("-cp");
        command.add(home(ChildProcess.class) + File.pathSeparator + home(Store.class));
        command.add(main.getName());
        command.addAll(List.of(words));
        return command;
    }

    /** The folder or jar that a class comes from. */
    private static Path home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Waits for a message of that name; returns its numbers. */
    long[] await(String name) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.startsWith(Messages.PREFIX)) {
                others.add(line);
                continue;
            }
            String[] parts = line.substring(Messages.PREFIX.length()).split(" ", 2);
            if (parts[0].equals(name)) {
                String[] numbers = parts[1].split(" ");
                long[] result = new long[numbers.length];
                for (int i = 0; i < result.length; i++) {
                    result[i] = Long.parseLong(numbers[i]);
                }
                return result;
            }
            if (parts[0].equals(Messages.WRONG)) {
                wrong.add(parts[1]);
            }
        }
        throw new IOException("the process ended before it said '" + name + "': " + String.join(" | ", others));
    }

    /** Ends it with SIGKILL; returns its exit code. */
    int kill() {
        process.destroyForcibly();
        return exitCode();
    }

    /** Waits for its end, and hears the rest of what it says; returns its exit code. */
    int end() throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(Messages.PREFIX + Messages.WRONG)) {
                wrong.add(line.substring(Messages.PREFIX.length()));
            } else {
                others.add(line);
            }
        }
        int code = exitCode();
        if (code != 0) {
            throw new IOException("the process ended with exit code " + code + ": " + String.join(" | ", others));
        }
        return code;
    }

    private int exitCode() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return process.waitFor();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            Runtime.getRuntime().removeShutdownHook(reaper);
        } catch (IllegalStateException e) {
            // The JVM is ending, and runs it.
        }
    }
}
