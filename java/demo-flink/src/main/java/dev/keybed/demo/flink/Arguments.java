package dev.keybed.demo.flink;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The command line.
 *
 * @param directories where the texts are
 * @param engine of the state backend, or {@link #BOTH}
 * @param words with so many no more files are taken
 * @param help whether to explain instead of run
 */
record Arguments(List<Path> directories, String engine, long words, boolean help) {
    static final String BOTH = "both";

    private static final List<String> DEFAULT = List.of("/usr/share/doc", "/usr/share/common-licenses");

    static final String USAGE =
            """
            Usage: WordDemo [--dir DIR]... [--engine NAME] [--words N]

            A Flink job, on a cluster in this JVM, reads all text files of directories line by line and
            counts how often each word comes, and the passages in which it keeps coming back: Flink's
            session windows, with the number of the line as event time, a second for each. It takes a
            checkpoint every second, and one of its tasks fails half way. Then each count and passage is
            compared with those of a plain loop over the files.

              --dir DIR      where the texts are; may be given several times (default /usr/share/doc and
                             /usr/share/common-licenses). Files that end with .gz are decompressed,
                             those that are not text left out, symbolic links not followed
              --engine NAME  of the state backend: table (default), rocks, or both, one after the other
              --words N      stop taking files when there are so many words (default 3000000; all: 0)
              --help         this text

            Exit code: 0 if every answer was right, 1 if one was wrong, 2 if the demo could not run.
            """;

    /** What the command line says makes no sense. */
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    static Arguments parse(List<String> words) {
        List<Path> directories = new ArrayList<>();
        String engine = "table";
        long most = 3_000_000;
        boolean help = false;
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String word = rest.next();
            switch (word) {
                case "--dir" -> directories.add(directory(value(word, rest)));
                case "--engine" -> engine = engine(value(word, rest));
                case "--words" -> most = number(word, value(word, rest));
                case "--help", "-h" -> help = true;
                default -> throw new UsageException("unknown argument '" + word + "'");
            }
        }
        if (directories.isEmpty()) {
            DEFAULT.stream().map(Path::of).filter(Files::isDirectory).forEach(directories::add);
        }
        if (directories.isEmpty() && !help) {
            throw new UsageException("there is none of " + DEFAULT + " here; name a directory with --dir");
        }
        return new Arguments(directories, engine, most == 0 ? Long.MAX_VALUE : most, help);
    }

    List<String> engines() {
        return engine.equals(BOTH) ? List.of("table", "rocks") : List.of(engine);
    }

    private static String value(String name, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new UsageException(name + " needs a value");
        }
        return rest.next();
    }

    private static Path directory(String value) {
        Path directory = Path.of(value);
        if (!Files.isDirectory(directory)) {
            throw new UsageException("there is no directory " + value);
        }
        return directory;
    }

    private static String engine(String value) {
        if (!List.of("table", "rocks", BOTH).contains(value)) {
            throw new UsageException("the engine is table, rocks or both, not '" + value + "'");
        }
        return value;
    }

    private static long number(String name, String value) {
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As below.
        }
        throw new UsageException(name + " is a whole number from 0 on, not '" + value + "'");
    }
}
