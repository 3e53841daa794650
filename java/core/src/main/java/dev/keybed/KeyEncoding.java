package dev.keybed;

/**
 * How the parts of a key (key group, key, namespace, map key) become the bytes that are stored. Fixed when a store is
 * created.
 */
public enum KeyEncoding {
    /** Injective and order-preserving: scans run in the order of the parts, compared as unsigned bytes. The default. */
    ORDERED("ordered"),
    /** Byte for byte what Apache Flink writes, for callers that exchange savepoints with it. */
    FLINK("flink");

    private final String optionValue;

    KeyEncoding(String optionValue) {
        this.optionValue = optionValue;
    }

    String optionValue() {
        return optionValue;
    }
}
