package dev.keybed;

/** Where the state of a store lives. Fixed when the store is created. */
public enum Engine {
    /** RocksDB: for state larger than memory. */
    ROCKS("rocks");

    private final String optionValue;

    Engine(String optionValue) {
        this.optionValue = optionValue;
    }

    String optionValue() {
        return optionValue;
    }
}
