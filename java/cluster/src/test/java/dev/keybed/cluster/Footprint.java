package dev.keybed.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process has.
 *
 * @param resident bytes of memory that are resident, after a garbage collection
 * @param openFiles file descriptors
 * @param threads threads
 * @param userClassLoaders class loaders of jobs that are not collected
 * @param libraries copies of the native library that are mapped
 */
record Footprint(long resident, int openFiles, long threads, long userClassLoaders, long libraries) {
    private static final Pattern CLASS_LOADERS =
            Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+org\\.apache\\.flink\\.util\\.ChildFirstClassLoader.*");

    static Footprint of(FlinkProcess process) throws IOException, InterruptedException {
        long classLoaders = userClassLoaders(process);
        return new Footprint(
                process.status("VmRSS"),
                process.openFiles(),
                // The unit is none, but the reader multiplies.
                process.status("Threads") / 1024,
                classLoaders,
                Files.readAllLines(Path.of("/proc/" + process.pid() + "/maps")).stream()
                        .filter(line -> line.contains("libkeybed") && line.contains(" r-xp "))
                        .count());
    }

    /** The histogram of classes collects garbage first. */
    private static long userClassLoaders(FlinkProcess process) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram = new String(jcmd.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (!jcmd.waitFor(60, TimeUnit.SECONDS) || jcmd.exitValue() != 0 || !histogram.contains("java.lang.String")) {
            throw new IllegalStateException("jcmd says: " + histogram);
        }
        return histogram.lines()
                .map(CLASS_LOADERS::matcher)
                .filter(Matcher::matches)
                .mapToLong(line -> Long.parseLong(line.group(1)))
                .sum();
    }

    @Override
    public String toString() {
        return (resident >> 20) + " MiB, " + openFiles + " files, " + threads + " threads, " + userClassLoaders
                + " class loaders, " + libraries + " libraries";
    }
}
