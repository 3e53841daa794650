package dev.keybed.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Prints JMH's JSON results as Markdown: the operations side by side, then which expectations hold. Only reports: the
 * exit code says nothing about the figures.
 *
 * <pre>{@code java -cp target/benchmarks.jar dev.keybed.bench.Report results.json...}</pre>
 */
public final class Report {
    private static final List<Side> PEERS = Side.BINDINGS.subList(1, Side.BINDINGS.size());

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Results results = new Results();

    private Report() {}

    /** Reads the files that are named and prints. */
    public static void main(String[] files) {
        Report report = new Report();
        for (String file : files) {
            report.read(file);
        }
        report.printLegend();
        report.printOperations();
        report.printTable();
        report.printExpectations();
    }

    private void read(String file) {
        try {
            results.read(Path.of(file));
        } catch (IOException | RuntimeException e) {
            out.println("Not read: " + file + ": " + e + "\n");
        }
    }

    private void printLegend() {
        out.println("Time: mean ns/op, with half the width of the 99.9 % confidence interval. CPU: ns/op of the measured"
                + " thread in its best iteration. Ratios: what a peer takes for one of ours, in CPU time if it was"
                + " measured. B/op: bytes allocated on the Java heap.");
        out.println();
    }

    private void printOperations() {
        List<Operation> rows = results.operations().stream().filter(row -> row.hasAny(PEERS)).toList();
        if (rows.isEmpty()) {
            return;
        }
        out.print("| operation | value bytes |");
        for (String figure : new String[] {"time", "CPU", "B/op"}) {
            for (Side side : Side.BINDINGS) {
                out.print(" " + figure + " " + side.title + " |");
            }
        }
        for (Side side : PEERS) {
            out.print(" " + side.title + " / keybed |");
        }
        out.println();
        out.println("|---|" + "--:|".repeat(1 + 3 * Side.BINDINGS.size() + PEERS.size()));
        rows.forEach(this::printOperation);
        out.println();
    }

    /** The engine table beside each of its peers: a row for each pair. */
    private void printTable() {
        if (results.operations().stream().noneMatch(row -> row.hasAny(Side.BESIDE_TABLE))) {
            return;
        }
        out.println("| operation | beside | time | time beside | CPU | CPU beside | B/op | B/op beside | beside / keybed |");
        out.println("|---|---|--:|--:|--:|--:|--:|--:|--:|");
        for (Operation row : results.operations()) {
            for (Side side : Side.BESIDE_TABLE) {
                if (row.sides.containsKey(side)) {
                    printPair(row, side);
                }
            }
        }
        out.println();
    }

    private void printPair(Operation row, Side side) {
        Measurement ours = row.sides.get(Side.KEYBED);
        Measurement beside = row.sides.get(side);
        StringBuilder line = new StringBuilder("| " + row.name + " | " + side.title + " |");
        line.append(time(ours)).append(time(beside));
        for (ToDoubleFunction<Measurement> figure :
                List.<ToDoubleFunction<Measurement>>of(Measurement::cpuNanos, Measurement::bytes)) {
            line.append(number("%.1f", ours == null ? Double.NaN : figure.applyAsDouble(ours)));
            line.append(number("%.1f", figure.applyAsDouble(beside)));
        }
        out.println(line.append(number("%.2f", row.ratio(side))));
    }

    private void printOperation(Operation row) {
        StringBuilder line = new StringBuilder("| " + row.name + " | " + row.valueSize + " |");
        for (Side side : Side.BINDINGS) {
            line.append(time(row.sides.get(side)));
        }
        for (Side side : Side.BINDINGS) {
            Measurement measurement = row.sides.get(side);
            line.append(number("%.0f", measurement == null ? Double.NaN : measurement.cpuNanos()));
        }
        for (Side side : Side.BINDINGS) {
            Measurement measurement = row.sides.get(side);
            line.append(number("%.1f", measurement == null ? Double.NaN : measurement.bytes()));
        }
        for (Side side : PEERS) {
            line.append(number("%.2f", row.ratio(side)));
        }
        out.println(line);
    }

    private void printExpectations() {
        out.println("| operation | expected | reached | holds |");
        out.println("|---|---|--:|---|");
        for (Expectation expectation : Expectation.ALL) {
            for (Operation row : results.operations()) {
                if (expectation.concerns(row)) {
                    out.println("| " + row.label() + " | " + expectation + " | " + expectation.reached(row) + " | "
                            + (expectation.holds(row) ? "yes" : "**no**") + " |");
                }
            }
        }
    }

    private static String time(Measurement measurement) {
        if (measurement == null) {
            return " |";
        }
        String text = String.format(Locale.ROOT, " %.0f", measurement.nanos());
        double error = 100 * measurement.error() / measurement.nanos();
        return (Double.isNaN(error) ? text : text + String.format(Locale.ROOT, " ±%.0f %%", error)) + " |";
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? " |" : String.format(Locale.ROOT, " " + format + " |", value);
    }
}
