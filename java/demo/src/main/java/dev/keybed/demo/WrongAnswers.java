package dev.keybed.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Counts answers of the store that are not true, and keeps the first few to show. */
final class WrongAnswers {
    private static final int SHOWN = 10;

    private final List<String> first = new ArrayList<>();
    private long count;

    void add(Path path, String what) {
        add(NameBytes.printable(path) + ": " + what);
    }

    void add(String what) {
        count++;
        if (first.size() < SHOWN) {
            first.add(what);
        }
    }

    long count() {
        return count;
    }

    List<String> first() {
        return first;
    }
}
