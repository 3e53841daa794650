package dev.keybed.demo.flink;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The command line of the demo on Flink; see {@link Arguments#USAGE}. */
public final class WordDemo {
    private static final int RIGHT = 0;
    private static final int WRONG = 1;
    private static final int NOT_RUN = 2;
    private static final int SHOWN = 5;

    private final PrintStream out;
    private final PrintStream err;

    WordDemo(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /**
     * Runs the demo and ends the JVM with its exit code.
     *
     * @param words the command line
     */
    public static void main(String[] words) {
        System.exit(new WordDemo(System.out, System.err).run(words));
    }

    /** Runs the demo; returns the exit code. */
    int run(String... words) {
        try {
            Arguments arguments = Arguments.parse(List.of(words));
            if (arguments.help()) {
                out.print(Arguments.USAGE);
                return RIGHT;
            }
            return run(arguments);
        } catch (Arguments.UsageException e) {
            err.println("keybed-demo-flink: " + e.getMessage() + " (--help explains)");
        } catch (Exception e) {
            err.println("keybed-demo-flink: the job has failed: " + reason(e));
            err.println("  (-Dkeybed.demo.log=info in JAVA_TOOL_OPTIONS shows what Flink says)");
        }
        return NOT_RUN;
    }

    /** Flink wraps what happened many times; the innermost says it. */
    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }

    private int run(Arguments arguments) throws Exception {
        out.println("Words of the text files in " + arguments.directories().stream().map(Path::toString)
                .reduce((a, b) -> a + " and " + b).orElseThrow() + ", counted by a Flink job with Keybed as its state backend");
        Corpus corpus = Corpus.of(arguments.directories(), arguments.words());
        if (corpus.words() == 0) {
            throw new Arguments.UsageException("there is no text in these directories");
        }
        out.println(corpus.describe());
        Map<String, WordResult> expected = PlainCount.of(corpus);
        boolean right = true;
        for (String engine : arguments.engines()) {
            right &= run(corpus, expected, engine);
        }
        return right ? RIGHT : WRONG;
    }

    private boolean run(Corpus corpus, Map<String, WordResult> expected, String engine) throws Exception {
        Path directory = Files.createTempDirectory("keybed-demo-flink-");
        long started = System.nanoTime();
        Map<String, WordResult> found;
        ScheduledExecutorService progress = Executors.newSingleThreadScheduledExecutor();
        try {
            progress.scheduleAtFixedRate(() -> progress(engine, started), 5, 5, TimeUnit.SECONDS);
            found = new WordJob(corpus, engine, directory).run();
        } finally {
            progress.shutdownNow();
            delete(directory);
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        Set<String> wrong = wrong(expected, found);
        wrong.stream().limit(SHOWN).forEach(word -> err.printf(
                "wrong: '%s' is %s, the job says %s%n", word, expected.get(word), found.get(word)));
        report(corpus, expected, engine, seconds, wrong.size());
        boolean restored = Happenings.FAILED.get() && Happenings.RESTORES.sum() > 0;
        if (!restored) {
            err.println("The job was over before its second checkpoint, so no failure could be tried: give it more words.");
        }
        return wrong.isEmpty();
    }

    /** The words that are not told of alike. */
    static Set<String> wrong(Map<String, WordResult> expected, Map<String, WordResult> found) {
        Set<String> wrong = new HashSet<>(expected.keySet());
        wrong.addAll(found.keySet());
        wrong.removeIf(word -> expected.get(word) != null && expected.get(word).equals(found.get(word)));
        return wrong;
    }

    private void report(Corpus corpus, Map<String, WordResult> expected, String engine, double seconds, int wrong) {
        long processed = Happenings.WORDS.sum();
        long passages = expected.values().stream().mapToLong(WordResult::passages).sum();
        line("engine", engine, "");
        line("different words", number(expected.size()), "each a key");
        line("passages", number(passages), "a word that keeps coming back, within " + Passage.GAP_LINES + " lines");
        line("words processed", number(processed),
                number(processed - corpus.words()) + " of them again, after the failure");
        line("words/s", number((long) (processed / seconds)), "each counted and put into a passage; start of Flink included");
        line("checkpoints", number(Happenings.CHECKPOINTS.sum()), "one a second");
        line("failures", number(Happenings.FAILED.get() ? 1 : 0), "a task that the demo lets fail");
        line("restores", number(Happenings.RESTORES.sum()), "from the last checkpoint");
        line("wrong answers", number(wrong), "counts and passages of every word, compared with a count without Flink");
    }

    private void progress(String engine, long started) {
        err.printf(Locale.ROOT, "  %s, %d s: %,d words, %d checkpoints, %d restores%n",
                engine, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started), Happenings.WORDS.sum(),
                Happenings.CHECKPOINTS.sum(), Happenings.RESTORES.sum());
    }

    private void line(String name, String value, String note) {
        out.printf("%-16s %14s%s%n", name, value, note.isEmpty() ? "" : "  " + note);
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
