package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a main class in a JVM of its own, under {@code -Xcheck:jni}, for what may crash it or needs a second process. */
final class ChildJvm {
    private static final int TIMEOUT_SECONDS = 240;

    private final Path workingDirectory;
    private final List<String> jvmArguments = new ArrayList<>();

    ChildJvm(Path workingDirectory) {
        this.workingDirectory = workingDirectory;
    }

    ChildJvm with(String jvmArgument) {
        jvmArguments.add(jvmArgument);
        return this;
    }

    /** What the process printed. It must end by itself with exit code 0, without a crash log or a complaint about JNI. */
    String run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        Path output = workingDirectory.resolve(main.getSimpleName() + ".out");
        Process process = start(main, output, arguments);
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("still running after " + TIMEOUT_SECONDS + " s:\n" + Files.readString(output));
        }
        String text = Files.readString(output);
        assertEquals(List.of(), crashLogs(), text);
        assertEquals(0, process.exitValue(), text);
        assertTrue(text.lines().noneMatch(ChildJvm::isJniComplaint), () -> "complaints of -Xcheck:jni in\n" + text);
        return text;
    }

    /** Starts it, with its output going to a file; the caller ends it. */
    Process start(Class<?> main, Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Flags that this JVM needs are needed there too.
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--")) {
                command.add(flag);
            }
        }
        command.addAll(List.of(
                "-ea",
                "-Xcheck:jni",
                "-Xmx256m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + workingDirectory.resolve("hs_err_%p.log"),
                "-D" + NativeLoader.PATH_PROPERTY + "=" + System.getProperty(NativeLoader.PATH_PROPERTY),
                "-D" + EngineTest.ENGINE_PROPERTY + "=" + System.getProperty(EngineTest.ENGINE_PROPERTY, "")));
        command.addAll(jvmArguments);
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(workingDirectory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static boolean isJniComplaint(String line) {
        return line.contains("WARNING in native method")
                || line.contains("FATAL ERROR in native method")
                || line.startsWith("WARNING: JNI");
    }

    private List<Path> crashLogs() throws IOException {
        try (Stream<Path> files = Files.list(workingDirectory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("hs_err")).toList();
        }
    }
}
