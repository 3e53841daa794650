package dev.keybed.demo;

import dev.keybed.Coded;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The command line of the demo; see {@link Arguments#USAGE}. */
public final class DirectoryDemo {
    private static final int RIGHT = 0;
    private static final int WRONG = 1;
    private static final int NOT_RUN = 2;

    private final PrintStream out;
    private final PrintStream err;
    private final Timing timing;

    DirectoryDemo(PrintStream out, PrintStream err, Timing timing) {
        this.out = out;
        this.err = err;
        this.timing = timing;
    }

    /**
     * Runs the demo and ends the JVM with its exit code.
     *
     * @param words the command line
     */
    public static void main(String[] words) {
        System.exit(new DirectoryDemo(System.out, System.err, Timing.DEFAULT).run(words));
    }

    /** Runs the demo; returns the exit code. */
    int run(String... words) {
        try {
            Arguments arguments = Arguments.parse(Arrays.asList(words));
            if (arguments.help()) {
                out.print(Arguments.USAGE);
                return RIGHT;
            }
            return run(arguments);
        } catch (UsageException e) {
            return notRun(e.getMessage() + " (--help explains)");
        } catch (IOException e) {
            return notRun(e.toString());
        } catch (RuntimeException e) {
            if (e instanceof Coded coded) {
                return notRun(coded.errorCode() + ": " + e.getMessage());
            }
            throw e;
        }
    }

    private int run(Arguments arguments) throws IOException {
        Path tree = tree(arguments.directory());
        List<Report> reports = new ArrayList<>();
        try (StoreDirectory directory = StoreDirectory.of(arguments.store());
                Progress progress = new Progress(err, Terminal.isStandardError(), System::nanoTime)) {
            if (arguments.engines().size() > 1) {
                FirstLook.at(tree, progress);
            }
            for (String engine : arguments.engines()) {
                reports.add(run(arguments, engine, tree, directory.path(), progress));
            }
        }
        out.print(Report.table(reports));
        return reports.stream().allMatch(report -> report.wrongAnswers == 0) ? RIGHT : WRONG;
    }

    private Report run(Arguments arguments, String engine, Path tree, Path directory, Progress progress)
            throws IOException {
        boolean alone = arguments.engines().size() == 1;
        if (!alone) {
            err.println("engine " + engine);
        }
        Path store = alone ? directory : directory.resolve(engine);
        DemoRun demo = new DemoRun(arguments, engine, tree, store, directory, progress, timing);
        Report report = demo.run();
        demo.wrong().first().forEach(each -> err.println("wrong: " + each));
        return report;
    }

    /** The directory behind all symbolic links, if it can be listed. */
    private static Path tree(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new UsageException("there is no directory " + NameBytes.printable(directory));
        }
        Path tree = directory.toRealPath();
        Files.newDirectoryStream(tree).close();
        return tree;
    }

    private int notRun(String why) {
        err.println("keybed-demo: " + why.replaceAll("\\s+", " "));
        return NOT_RUN;
    }
}
