package dev.keybed.bench;

import com.eclipsesource.json.Json;
import com.eclipsesource.json.JsonObject;
import com.eclipsesource.json.JsonValue;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the files that JMH writes with {@code -rf json}. */
final class Results {
    private static final String VALUE_SIZE = "valueSize";
    /** Parameters that go without saying. */
    private static final Set<String> USUAL = Set.of("memtable", Integer.toString(Keys.COUNT));

    /** Of {@code -prof gc}. */
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private final Map<String, Operation> operations = new LinkedHashMap<>();

    /**
     * Adds what is in a file. Of what was measured before, the best counts: on a machine with other users several runs of
     * one fork say more than one run of several, because each goes through all sides in turn.
     */
    void read(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file)) {
            for (JsonValue result : Json.parse(reader).asArray()) {
                add(result.asObject());
            }
        }
    }

    /** The operations in the order they were met. */
    Collection<Operation> operations() {
        return operations.values();
    }

    private void add(JsonObject result) {
        String[] path = result.getString("benchmark", "").split("\\.");
        String method = path[path.length - 1];
        StringBuilder name = new StringBuilder(Operation.name(path[path.length - 2], method));
        String valueSize = "";
        JsonValue params = result.get("params");
        if (params != null) {
            for (JsonObject.Member param : params.asObject()) {
                if (param.getName().equals(VALUE_SIZE)) {
                    valueSize = param.getValue().asString();
                } else if (!USUAL.contains(param.getValue().asString())) {
                    name.append(", ").append(label(param.getName(), param.getValue().asString()));
                }
            }
        }
        String size = valueSize;
        operations
                .computeIfAbsent(name + " " + size, key -> new Operation(name.toString(), size))
                .sides
                .merge(Side.of(method), measurement(result), Measurement::best);
    }

    /** A parameter as people read it: some values need no name. */
    private static String label(String name, String value) {
        return switch (name) {
            case "entries" -> String.format(Locale.ROOT, "%,d entries", Long.parseLong(value));
            case "access", "memory" -> value;
            default -> name + " " + value;
        };
    }

    private static Measurement measurement(JsonObject result) {
        JsonObject primary = result.get("primaryMetric").asObject();
        if (!primary.getString("scoreUnit", "").equals("ns/op")) {
            throw new IllegalArgumentException("scores are in " + primary.getString("scoreUnit", "?") + ", not ns/op");
        }
        JsonObject secondary = result.get("secondaryMetrics").asObject();
        double bytes = score(secondary, MeasuredThread.ALLOCATION);
        return new Measurement(
                number(primary.get("score")),
                number(primary.get("scoreError")),
                best(secondary, MeasuredThread.CPU),
                Double.isNaN(bytes) ? score(secondary, ALLOCATION) : bytes);
    }

    private static double score(JsonObject metrics, String name) {
        JsonValue metric = metrics.get(name);
        return metric == null ? Double.NaN : number(metric.asObject().get("score"));
    }

    /** The least of all iterations of all forks: what others on the machine disturbed least. */
    private static double best(JsonObject metrics, String name) {
        double best = Double.NaN;
        JsonValue metric = metrics.get(name);
        if (metric != null) {
            for (JsonValue fork : metric.asObject().get("rawData").asArray()) {
                for (JsonValue iteration : fork.asArray()) {
                    double figure = number(iteration);
                    best = best <= figure ? best : figure;
                }
            }
        }
        return best;
    }

    /** JMH writes a number that is none as a string. */
    private static double number(JsonValue value) {
        return value.isNumber() ? value.asDouble() : Double.NaN;
    }
}
