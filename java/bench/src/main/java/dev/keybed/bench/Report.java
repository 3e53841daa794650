package dev.keybed.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Prints JMH's JSON results as Markdown: the operations side by side, then which expectations hold. Only reports: the
 * exit code says nothing about the figures.
 *
 * <pre>{@code java -cp target/benchmarks.jar dev.keybed.bench.Report results.json...}</pre>
 */
public final class Report {
    private static final Side[] PEERS = {Side.BYTES, Side.PREALLOCATED, Side.DIRECT};

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Results results = new Results();

    private Report() {}

    /** Reads the files that are named and prints. */
    public static void main(String[] files) {
        Report report = new Report();
        for (String file : files) {
            report.read(file);
        }
        report.printOperations();
        report.printExpectations();
    }

    private void read(String file) {
        try {
            results.read(Path.of(file));
        } catch (IOException | RuntimeException e) {
            out.println("Not read: " + file + ": " + e + "\n");
        }
    }

    private void printOperations() {
        out.println("Time: mean ns/op, with half the width of the 99.9 % confidence interval. CPU: ns/op of the measured"
                + " thread in its best iteration. Ratios: what a peer takes for one of ours, in CPU time if it was"
                + " measured. B/op: bytes allocated on the Java heap.");
        out.println();
        out.print("| operation | value bytes |");
        for (String figure : new String[] {"time", "CPU", "B/op"}) {
            for (Side side : Side.values()) {
                out.print(" " + figure + " " + side.title + " |");
            }
        }
        for (Side side : PEERS) {
            out.print(" " + side.title + " / keybed |");
        }
        out.println();
        out.println("|---|" + "--:|".repeat(1 + 3 * Side.values().length + PEERS.length));
        results.operations().forEach(this::printOperation);
        out.println();
    }

    private void printOperation(Operation row) {
        StringBuilder line = new StringBuilder("| " + row.name + " | " + row.valueSize + " |");
        for (Side side : Side.values()) {
            line.append(time(row.sides.get(side)));
        }
        for (Side side : Side.values()) {
            Measurement measurement = row.sides.get(side);
            line.append(number("%.0f", measurement == null ? Double.NaN : measurement.cpuNanos()));
        }
        for (Side side : Side.values()) {
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
