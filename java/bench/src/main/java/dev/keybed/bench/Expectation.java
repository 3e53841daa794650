package dev.keybed.bench;

import java.util.List;
import java.util.Locale;

/**
 * What an operation should reach: be so many times as fast as a side, or allocate nothing.
 *
 * @param operation the beginning of the operations' names
 * @param side whose time is divided by ours; null = ours must not allocate
 * @param atLeast the smallest ratio that will do
 */
record Expectation(String operation, Side side, double atLeast) {
    /** What is left of 0 B/op when JMH's own allocations are divided by the operations. */
    private static final double NO_BYTES = 1;

    static final List<Expectation> ALL = List.of(
            new Expectation("get", Side.BYTES, 1.3),
            new Expectation("get", Side.DIRECT, 1.0),
            new Expectation("put", Side.BYTES, 1.3),
            new Expectation("put", Side.DIRECT, 1.0),
            new Expectation("scan", Side.BYTES, 5.0),
            new Expectation("scan", Side.DIRECT, 5.0),
            new Expectation("multi get", Side.BYTES, 1.5),
            new Expectation("multi get", Side.DIRECT, 1.5),
            new Expectation("get", null, 0),
            new Expectation("put", null, 0),
            new Expectation("append", null, 0),
            new Expectation("scan", null, 0),
            new Expectation("table", null, 0),
            new Expectation("engine", null, 0),
            new Expectation("record", Side.FLAT_BUFFERS, 1.0),
            new Expectation("record", Side.PROTOBUF, 1.0),
            new Expectation("record one number", null, 0),
            new Expectation("record string compared", null, 0));

    boolean concerns(Operation row) {
        return row.name.startsWith(operation) && !Double.isNaN(actual(row));
    }

    boolean holds(Operation row) {
        return side == null ? actual(row) < NO_BYTES : actual(row) >= atLeast;
    }

    /** What was reached. */
    String reached(Operation row) {
        return String.format(Locale.ROOT, side == null ? "%.2f B/op" : "%.2fx", actual(row));
    }

    @Override
    public String toString() {
        if (side == null) {
            return "0 B/op";
        }
        String peer = Side.BINDINGS.contains(side) ? "rocksdbjni " + side.title : side.title;
        return String.format(Locale.ROOT, "at least %.1fx %s", atLeast, peer);
    }

    private double actual(Operation row) {
        if (side != null) {
            return row.ratio(side);
        }
        Measurement ours = row.sides.get(Side.KEYBED);
        return ours == null ? Double.NaN : ours.bytes();
    }
}
