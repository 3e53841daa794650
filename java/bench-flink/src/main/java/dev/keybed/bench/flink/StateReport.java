package dev.keybed.bench.flink;

import com.eclipsesource.json.Json;
import com.eclipsesource.json.JsonArray;
import com.eclipsesource.json.JsonObject;
import com.eclipsesource.json.JsonValue;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Prints JMH's JSON results of the state benchmarks as Markdown: a row for each method. Only reports: the exit code says
 * nothing about the figures.
 *
 * <pre>{@code java -cp target/benchmarks-flink.jar dev.keybed.bench.flink.StateReport results.json...}</pre>
 */
public final class StateReport {
    private static final double TABLE_TO_ROCKSDB = 5;
    private static final double ROCKS_TO_ROCKSDB = 1.2;
    private static final double ITERATION_TO_ROCKSDB = 3;
    /** What JMH and the turn before each operation allocate: all of valueGet on HEAP, which allocates nothing. */
    private static final double HARNESS_BYTES = 48;

    /** A method on a backend: the best iteration of all runs, which other users of the machine disturbed least. */
    private record Figures(double best, double bytes) {
        static Figures better(Figures one, Figures other) {
            return new Figures(Math.max(one.best, other.best), Math.min(one.bytes, other.bytes));
        }
    }

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Map<String, EnumMap<BackendKind, Figures>> methods = new LinkedHashMap<>();

    StateReport() {}

    /** Reads the files that are named and prints. */
    public static void main(String[] files) throws IOException {
        StateReport report = new StateReport();
        for (String file : files) {
            report.read(Path.of(file));
        }
        report.print();
    }

    private void read(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file)) {
            for (JsonValue value : Json.parse(reader).asArray()) {
                JsonObject result = value.asObject();
                String name = result.getString("benchmark", "");
                BackendKind kind =
                        BackendKind.valueOf(result.get("params").asObject().getString("backend", ""));
                double best = 0;
                for (JsonValue fork : result.get("primaryMetric").asObject().get("rawData").asArray()) {
                    for (JsonValue iteration : fork.asArray()) {
                        best = Math.max(best, iteration.asDouble());
                    }
                }
                String method = name.substring(name.lastIndexOf('.') + 1);
                add(method, kind, best, bytes(result) - (isIteration(method) ? HARNESS_BYTES / Work.MAP_KEYS : HARNESS_BYTES));
            }
        }
    }

    /** Adds an iteration: operations a millisecond, and bytes allocated by one. */
    void add(String method, BackendKind kind, double best, double bytes) {
        methods.computeIfAbsent(method, key -> new EnumMap<>(BackendKind.class))
                .merge(kind, new Figures(best, bytes), Figures::better);
    }

    private static double bytes(JsonObject result) {
        JsonObject secondary = result.get("secondaryMetrics").asObject();
        for (String name : secondary.names()) {
            if (name.endsWith("gc.alloc.rate.norm")) {
                JsonArray forks = secondary.get(name).asObject().get("rawData").asArray();
                double least = Double.MAX_VALUE;
                for (JsonValue fork : forks) {
                    for (JsonValue iteration : fork.asArray()) {
                        least = Math.min(least, iteration.asDouble());
                    }
                }
                return least;
            }
        }
        return Double.NaN;
    }

    void print() {
        out.println("Operations a millisecond in the best iteration; of maps that are walked, entries. B/op: bytes allocated on the"
                + " Java heap without the list of one value that each operation is given. What is bold misses its target.");
        out.println();
        out.println("| method | HEAP | ROCKSDB | table | rocks | table / HEAP | table / ROCKSDB | rocks / ROCKSDB | B/op HEAP"
                + " | ROCKSDB | table | rocks |");
        out.println("|---|" + "--:|".repeat(11));
        methods.forEach(this::print);
    }

    private void print(String method, Map<BackendKind, Figures> row) {
        StringBuilder line = new StringBuilder("| " + method + " |");
        for (BackendKind kind : BackendKind.values()) {
            line.append(cell(best(row, kind), best(row, kind) < 100 ? "%.1f" : "%.0f", true));
        }
        double toHeap = best(row, BackendKind.KEYBED_TABLE) / best(row, BackendKind.HEAP);
        double toRocksDb = best(row, BackendKind.KEYBED_TABLE) / best(row, BackendKind.ROCKSDB);
        double rocks = best(row, BackendKind.KEYBED_ROCKS) / best(row, BackendKind.ROCKSDB);
        line.append(cell(toHeap, "%.2f", !isHeldAgainstHeap(method) || toHeap >= 1));
        line.append(cell(toRocksDb, "%.1f", toRocksDb >= TABLE_TO_ROCKSDB));
        line.append(cell(rocks, "%.2f", rocks >= (isIteration(method) ? ITERATION_TO_ROCKSDB : ROCKS_TO_ROCKSDB)));
        for (BackendKind kind : BackendKind.values()) {
            Figures figures = row.get(kind);
            line.append(cell(figures == null ? Double.NaN : figures.bytes, "%.0f", true));
        }
        out.println(line);
    }

    private static double best(Map<BackendKind, Figures> row, BackendKind kind) {
        Figures figures = row.get(kind);
        return figures == null ? Double.NaN : figures.best;
    }

    /** Value and map get, update and add. */
    private static boolean isHeldAgainstHeap(String method) {
        return method.matches("(value|map)(Get|Update|Add)");
    }

    private static boolean isIteration(String method) {
        return method.matches("map(Keys|Values|Entries|Iterator)");
    }

    private static String cell(double value, String format, boolean reached) {
        if (Double.isNaN(value)) {
            return " |";
        }
        String text = String.format(Locale.ROOT, format, value);
        return reached ? " " + text + " |" : " **" + text + "** |";
    }
}
