package dev.keybed.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process has.
 *
 * @param resident bytes of memory that are resident, after a garbage collection, and after the C library gave back what it could
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
        // The C library keeps what was freed; asked for, it gives back what it can. Older JVMs cannot ask.
        jcmd(process, "System.trim_native_heap");
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

    /** What a collection clears is referred to until finalizers and cleaners have run, and is gone after the next one only. */
    private static long userClassLoaders(FlinkProcess process) throws IOException, InterruptedException {
        long fewest = userClassLoadersAfterACollection(process);
        for (int same = 0; same < 3; ) {
            Thread.sleep(500);
            long count = userClassLoadersAfterACollection(process);
            same = count < fewest ? 0 : same + 1;
            fewest = Math.min(count, fewest);
        }
        return fewest;
    }

    /** The histogram of classes collects garbage first. */
    private static long userClassLoadersAfterACollection(FlinkProcess process) throws IOException, InterruptedException {
        String histogram = jcmd(process, "GC.class_histogram");
        if (!histogram.contains("java.lang.String")) {
            throw new IllegalStateException("jcmd says: " + histogram);
        }
        return histogram.lines()
                .map(CLASS_LOADERS::matcher)
                .filter(Matcher::matches)
                .mapToLong(line -> Long.parseLong(line.group(1)))
                .sum();
    }

    private static String jcmd(FlinkProcess process, String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!jcmd.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("jcmd does not end");
        }
        return answer;
    }

    @Override
    public String toString() {
        return (resident >> 20) + " MiB, " + openFiles + " files, " + threads + " threads, " + userClassLoaders
                + " class loaders, " + libraries + " libraries";
    }
}
