package dev.keybed;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options of writing a snapshot: names and values, checked by native code when they are used. What is not set has its
 * default. Immutable.
 */
public final class SnapshotOptions {
    private static final SnapshotOptions DEFAULTS = builder().build();

    private final Map<String, String> values;

    SnapshotOptions(Map<String, String> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Every option at its default.
     *
     * @return the options
     */
    public static SnapshotOptions defaults() {
        return DEFAULTS;
    }

    /**
     * A builder with every option at its default.
     *
     * @return the builder
     */
    public static SnapshotOptionsBuilder builder() {
        return new SnapshotOptionsBuilder();
    }

    /**
     * The options that were set.
     *
     * @return names and values, in the order they were set; unmodifiable
     */
    public Map<String, String> asMap() {
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SnapshotOptions options && options.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }

    /** Name, value, name, value... */
    String[] toPairs() {
        return StoreOptions.pairs(values);
    }
}
