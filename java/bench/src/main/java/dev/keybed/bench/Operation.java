package dev.keybed.bench;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** An operation on values of one size: a row of the report, one measurement for each side. */
final class Operation {
    final String name;
    /** Empty for operations without value sizes. */
    final String valueSize;

    final Map<Side, Measurement> sides = new EnumMap<>(Side.class);

    Operation(String name, String valueSize) {
        this.name = name;
        this.valueSize = valueSize;
    }

    /** How many times our processor time (or time) the other side takes; NaN if either was not measured. */
    double ratio(Side side) {
        Measurement ours = sides.get(Side.KEYBED);
        Measurement theirs = sides.get(side);
        return ours == null || theirs == null ? Double.NaN : theirs.cost() / ours.cost();
    }

    /** Whether it was measured on one of these. */
    boolean hasAny(Collection<Side> some) {
        return some.stream().anyMatch(sides::containsKey);
    }

    String label() {
        return valueSize.isEmpty() ? name : name + ", " + valueSize + " bytes";
    }

    /**
     * {@code MultiGetBenchmark} and {@code keybed} to "multi get", {@code DoorBenchmark} and {@code keybedBareCall} to
     * "door bare call".
     */
    static String name(String benchmarkClass, String method) {
        String operation = benchmarkClass.replaceFirst("Benchmark$", "");
        String detail = method.substring(Side.of(method).prefix.length());
        return (operation + detail).replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
