package dev.keybed;

/** How {@link Engine#ROCKS} compresses the blocks of its files. May change at every open. */
public enum Compression {
    /** Not at all. */
    NONE("none"),
    /** LZ4: fast, the default. */
    LZ4("lz4"),
    /** Zstandard: smaller and slower. */
    ZSTD("zstd");

    private final String optionValue;

    Compression(String optionValue) {
        this.optionValue = optionValue;
    }

    String optionValue() {
        return optionValue;
    }
}
