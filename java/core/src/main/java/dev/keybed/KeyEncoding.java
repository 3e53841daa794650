package dev.keybed;

/**
 * How the parts of a key (key group, key, namespace, map key) become the bytes that are stored. Fixed when a store is
 * created.
 */
public enum KeyEncoding {
    /** Injective and order-preserving: scans run in the order of the parts, compared as unsigned bytes. The default. */
    ORDERED("ordered"),
    /**
     * Byte for byte what Apache Flink writes, for callers that exchange savepoints with it.
     *
     * <p>Keys, namespaces and map keys must be self-delimiting, as what Flink's serializers write is: the encoding marks no
     * ends, or with a length behind the part only. Of opaque bytes two different tuples can have the same composite key,
     * and scans and clears of one key can reach another: with a {@code key-size} of variable, those of "ab" reach "abc".
     * Use {@link #ORDERED} for opaque bytes.
     */
    FLINK("flink");

    private final String optionValue;

    KeyEncoding(String optionValue) {
        this.optionValue = optionValue;
    }

    String optionValue() {
        return optionValue;
    }

    static KeyEncoding ofOptionValue(String value) {
        for (KeyEncoding candidate : values()) {
            if (candidate.optionValue.equals(value)) {
                return candidate;
            }
        }
        throw new IllegalArgumentException(value);
    }
}
