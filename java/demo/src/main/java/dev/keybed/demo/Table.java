package dev.keybed.demo;

import java.util.ArrayList;
import java.util.List;

/** Lines of name, values and note, aligned: names and notes to the left, numbers to the right. */
final class Table {
    private static final String GAP = "  ";

    private record Row(String name, List<String> values, boolean numbers, String note) {}

    private final List<Row> rows = new ArrayList<>();

    Table text(String name, String value) {
        rows.add(new Row(name, List.of(value), false, ""));
        return this;
    }

    /** A number for each column, written already. */
    Table numbers(String name, List<String> values, String note) {
        rows.add(new Row(name, values, true, note));
        return this;
    }

    @Override
    public String toString() {
        int nameWidth = rows.stream().mapToInt(row -> row.name.length()).max().orElse(0);
        // Texts do not count: one long path would push all numbers to the right.
        int numberWidth = rows.stream()
                .filter(Row::numbers)
                .flatMap(row -> row.values.stream())
                .mapToInt(String::length)
                .max()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            StringBuilder line = new StringBuilder(row.name + " ".repeat(nameWidth - row.name.length()));
            for (String value : row.values) {
                line.append(GAP).append(row.numbers ? " ".repeat(numberWidth - value.length()) : "").append(value);
            }
            text.append((line + GAP + row.note).stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
