package dev.keybed;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options of a store: names and values, checked by native code when the store is opened. What is not set has its
 * default. Immutable.
 */
public final class StoreOptions {
    static final String MAX_KEY_BYTES = "max-key-bytes";
    static final String MAX_VALUE_BYTES = "max-value-bytes";

    private static final int DEFAULT_MAX_KEY_BYTES = 64 << 10;
    private static final int DEFAULT_MAX_VALUE_BYTES = 256 << 20;
    private static final StoreOptions DEFAULTS = builder().build();

    private final Map<String, String> values;

    StoreOptions(Map<String, String> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Every option at its default.
     *
     * @return the options
     */
    public static StoreOptions defaults() {
        return DEFAULTS;
    }

    /**
     * A builder with every option at its default.
     *
     * @return the builder
     */
    public static StoreOptionsBuilder builder() {
        return new StoreOptionsBuilder();
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
        return other instanceof StoreOptions options && options.values.equals(values);
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
        return pairs(values);
    }

    /** Name, value, name, value... */
    static String[] pairs(Map<String, String> values) {
        String[] pairs = new String[2 * values.size()];
        int i = 0;
        for (Map.Entry<String, String> option : values.entrySet()) {
            pairs[i++] = option.getKey();
            pairs[i++] = option.getValue();
        }
        return pairs;
    }

    /** Only after native code has accepted the options. */
    int maxKeyBytes() {
        return number(MAX_KEY_BYTES, DEFAULT_MAX_KEY_BYTES);
    }

    /** Only after native code has accepted the options. */
    int maxValueBytes() {
        return number(MAX_VALUE_BYTES, DEFAULT_MAX_VALUE_BYTES);
    }

    private int number(String name, int otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }
}
