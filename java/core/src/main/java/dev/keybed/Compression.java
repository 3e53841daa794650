package dev.keybed;

/** How blocks are compressed: those of {@link Engine#ROCKS}'s files, and those of snapshots. */
public enum Compression {
    /** Not at all; the default of snapshots. */
    NONE("none"),
    /** LZ4: fast; the default of {@link Engine#ROCKS}. */
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
