package dev.keybed.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What {@link LineSink} has committed. */
final class Output {
    private Output() {}

    /** The lines, sorted. */
    static List<String> lines(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(file -> file.toString().endsWith(LineSink.COMMITTED)).toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        lines.sort(null);
        return lines;
    }

    /** What is in one sorted list and not in the other, or more often, in words; empty if they are the same. */
    static String difference(List<String> expected, List<String> actual) {
        List<String> missing = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        int e = 0;
        int a = 0;
        while (e < expected.size() || a < actual.size()) {
            int order = e == expected.size() ? 1 : a == actual.size() ? -1 : expected.get(e).compareTo(actual.get(a));
            if (order < 0) {
                missing.add(expected.get(e++));
            } else if (order > 0) {
                wrong.add(actual.get(a++));
            } else {
                e++;
                a++;
            }
        }
        if (missing.isEmpty() && wrong.isEmpty()) {
            return "";
        }
        return missing.size() + " lines are missing, " + wrong.size() + " are wrong or there twice, of " + expected.size()
                + "\nmissing: " + missing.subList(0, Math.min(20, missing.size()))
                + "\nwrong: " + wrong.subList(0, Math.min(20, wrong.size()));
    }
}
