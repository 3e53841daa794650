package dev.keybed;

/** Where the state of a store lives. Fixed when the store is created. */
public enum Engine {
    /**
     * A hash table in native memory: the fastest as long as all state fits there. The store's directory holds what was
     * flushed, at the latest when the store was closed. The default.
     */
    TABLE("table"),

    /** RocksDB: for state larger than memory. ENGINE_UNAVAILABLE if the native library was built without it. */
    ROCKS("rocks");

    private final String optionValue;

    Engine(String optionValue) {
        this.optionValue = optionValue;
    }

    String optionValue() {
        return optionValue;
    }

    static Engine ofOptionValue(String value) {
        for (Engine candidate : values()) {
            if (candidate.optionValue.equals(value)) {
                return candidate;
            }
        }
        throw new IllegalArgumentException(value);
    }
}
