package dev.keybed.demo;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * The command line.
 *
 * @param directory the tree to index
 * @param engine the store's engine, by its name, or {@link #BOTH}
 * @param store where the store goes, and stays; null for a temporary directory
 * @param lookups how many paths to look up
 * @param seed of the random choice of paths and directories
 * @param help whether to explain instead of run
 */
record Arguments(Path directory, String engine, Path store, int lookups, long seed, boolean help) {
    /** Every engine, one after another, over the same tree. */
    static final String BOTH = "both";

    static final String USAGE =
            """
            Usage: DirectoryDemo [--dir DIR] [--engine NAME] [--store DIR] [--lookups N] [--seed N]

            Indexes a directory tree as keyed state, looks up real paths, lists directories, rewrites
            records, and checks every answer against the file system. Symbolic links are not followed,
            other devices not entered. Then a process writes a checkpoint while it works, is killed, and
            another one recovers from the checkpoint exactly what there was.

              --dir DIR      the tree to index (default /usr)
              --engine NAME  the engine of the store: table (default), rocks, or both to see them side
                             by side; with both, the stores go to DIR/table and DIR/rocks
              --store DIR    make the store here and keep it (default: a temporary directory, deleted
                             at the end); there must not be one yet
              --lookups N    how many paths of the tree to look up, chosen at random (default 50000)
              --seed N       of that choice (default 1)
              --help         this text

            Progress goes to standard error, the result to standard output.
            Exit code: 0 if every answer was right, 1 if one was wrong, 2 if the demo could not run.
            """;

    private static final int MOST_LOOKUPS = 10_000_000;

    /**
     * Reads the command line, {@code --name value} or {@code --name=value}.
     *
     * @throws UsageException if it makes no sense
     */
    static Arguments parse(List<String> words) {
        Path directory = Path.of("/usr");
        String engine = "table";
        Path store = null;
        int lookups = 50_000;
        long seed = 1;
        boolean help = false;
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String word = rest.next();
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? word : word.substring(0, equals);
            String given = equals < 0 ? null : word.substring(equals + 1);
            switch (name) {
                case "--dir" -> directory = path(name, value(name, given, rest));
                case "--engine" -> engine = value(name, given, rest);
                case "--store" -> store = path(name, value(name, given, rest));
                case "--lookups" -> lookups = (int) number(name, value(name, given, rest), 1, MOST_LOOKUPS);
                case "--seed" -> seed = number(name, value(name, given, rest), Long.MIN_VALUE, Long.MAX_VALUE);
                case "--help", "-h" -> help = true;
                default -> throw new UsageException("unknown argument '" + word + "'");
            }
        }
        return new Arguments(directory, engine, store, lookups, seed, help);
    }

    /** The engines to run, one after another. */
    List<String> engines() {
        return engine.equals(BOTH) ? List.of("table", "rocks") : List.of(engine);
    }

    private static String value(String name, String given, Iterator<String> rest) {
        if (given == null && !rest.hasNext()) {
            throw new UsageException(name + " needs a value");
        }
        String value = given != null ? given : rest.next();
        if (value.isEmpty()) {
            throw new UsageException(name + " needs a value, not an empty one");
        }
        return value;
    }

    private static Path path(String name, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new UsageException(name + " is not a path: " + e.getReason());
        }
    }

    private static long number(String name, String value, long least, long most) {
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As below.
        }
        throw new UsageException(name + " is a whole number from " + least + " to " + most + ", not '" + value + "'");
    }
}
