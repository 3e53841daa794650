package dev.keybed.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines of name, value and note, aligned: names and notes to the left, numbers to the right. */
final class Table {
    private static final String GAP = "  ";

    private record Row(String name, String value, boolean number, String note) {}

    private final List<Row> rows = new ArrayList<>();

    Table text(String name, String value) {
        rows.add(new Row(name, value, false, ""));
        return this;
    }

    Table number(String name, long value) {
        return number(name, value, "");
    }

    Table number(String name, long value, String note) {
        return number(name, String.format(Locale.ROOT, "%,d", value), note);
    }

    /** A number that is written already, such as one with decimals. */
    Table number(String name, String value, String note) {
        rows.add(new Row(name, value, true, note));
        return this;
    }

    @Override
    public String toString() {
        int nameWidth = rows.stream().mapToInt(row -> row.name.length()).max().orElse(0);
        // Texts do not count: one long path would push all numbers to the right.
        int numberWidth = rows.stream()
                .filter(Row::number)
                .mapToInt(row -> row.value.length())
                .max()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            String value = row.number ? " ".repeat(numberWidth - row.value.length()) + row.value : row.value;
            String line = row.name + " ".repeat(nameWidth - row.name.length()) + GAP + value + GAP + row.note;
            text.append(line.stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
