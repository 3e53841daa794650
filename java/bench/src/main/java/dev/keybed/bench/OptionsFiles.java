package dev.keybed.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Compares the OPTIONS files that RocksDB leaves in a database: every option that is in force, defaults included. Two
 * libraries could otherwise differ in a default that nobody thought of, and the benchmark would measure that.
 */
final class OptionsFiles {
    /** Not about how the database runs. */
    private static final List<String> IGNORED = List.of("create_if_missing=", "create_missing_column_families=");

    /** The same filter; RocksDB's C API, which our side uses, does not tell the bits of a key. */
    private static final String FILTER = "filter_policy=bloomfilter";

    private OptionsFiles() {}

    /** Throws unless both databases run with the same options. */
    static void requireSame(Path ours, Path theirs) {
        List<String> difference = new ArrayList<>(read(ours));
        List<String> other = new ArrayList<>(read(theirs));
        List<String> both = new ArrayList<>(difference);
        both.retainAll(other);
        difference.removeAll(both);
        other.removeAll(both);
        if (!difference.isEmpty() || !other.isEmpty()) {
            throw new IllegalStateException("options differ: keybed " + difference + ", rocksdbjni " + other);
        }
    }

    /** The lines of the newest file, each with its section in front. */
    private static List<String> read(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            Path newest = files.filter(file -> file.getFileName().toString().startsWith("OPTIONS-"))
                    .max(Comparator.comparing(file -> file.getFileName().toString()))
                    .orElseThrow(() -> new IllegalStateException("no OPTIONS file under " + directory));
            List<String> lines = new ArrayList<>();
            String section = "";
            for (String line : Files.readAllLines(newest)) {
                String text = line.strip();
                if (text.startsWith("[")) {
                    section = text;
                } else if (!text.isEmpty() && !text.startsWith("#") && IGNORED.stream().noneMatch(text::startsWith)) {
                    lines.add(section + (text.startsWith(FILTER) ? FILTER : text));
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
