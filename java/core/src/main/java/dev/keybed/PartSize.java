package dev.keybed;

/**
 * The size of a part of the key: of all keys of a store, or of all namespaces of a state. A size known in advance saves
 * bytes and makes a wrong length an error instead of another key.
 */
public final class PartSize {
    private static final int VARIABLE_CODE = -1;
    private static final int DELIMITED_CODE = -2;
    private static final String VARIABLE_TEXT = "variable";
    private static final String DELIMITED_TEXT = "delimited";
    private static final PartSize VARIABLE = new PartSize(VARIABLE_CODE);
    private static final PartSize DELIMITED = new PartSize(DELIMITED_CODE);
    private static final PartSize NONE = new PartSize(0);

    /** As it crosses to native code: -1 = variable, -2 = delimited, 0 = none, else a number of bytes. */
    private final int code;

    private PartSize(int code) {
        this.code = code;
    }

    /**
     * Always the same number of bytes.
     *
     * @param bytes the size in bytes, at least 1
     * @return the size
     * @throws KeybedArgumentException INVALID_ARGUMENT if {@code bytes < 1}
     */
    public static PartSize fixed(int bytes) {
        if (bytes < 1) {
            throw Errors.of(ErrorCode.INVALID_ARGUMENT, "a fixed part has at least 1 byte, not " + bytes);
        }
        return new PartSize(bytes);
    }

    /**
     * Any number of bytes.
     *
     * @return the size
     */
    public static PartSize variable() {
        return VARIABLE;
    }

    /**
     * Any number of bytes that say themselves where they end. {@link KeyEncoding#FLINK} writes no length behind a key or a
     * namespace of which one is so; everything else is as with {@link #variable()}.
     *
     * @return the size
     */
    public static PartSize delimited() {
        return DELIMITED;
    }

    /**
     * No bytes at all: the part does not exist.
     *
     * @return the size
     */
    public static PartSize none() {
        return NONE;
    }

    static PartSize ofCode(int code) {
        return switch (code) {
            case VARIABLE_CODE -> VARIABLE;
            case DELIMITED_CODE -> DELIMITED;
            case 0 -> NONE;
            default -> fixed(code);
        };
    }

    int code() {
        return code;
    }

    String optionValue() {
        return switch (code) {
            case VARIABLE_CODE -> VARIABLE_TEXT;
            case DELIMITED_CODE -> DELIMITED_TEXT;
            default -> Integer.toString(code);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PartSize size && size.code == code;
    }

    @Override
    public int hashCode() {
        return code;
    }

    @Override
    public String toString() {
        return code < 0 ? optionValue() : code == 0 ? "none" : "fixed(" + code + ")";
    }
}
