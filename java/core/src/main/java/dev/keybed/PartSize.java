package dev.keybed;

/**
 * The size of a part of the key: of all keys of a store, or of all namespaces of a state. A size known in advance saves
 * bytes and makes a wrong length an error instead of another key.
 */
public final class PartSize {
    private static final int VARIABLE_CODE = -1;
    private static final String VARIABLE_TEXT = "variable";
    private static final PartSize VARIABLE = new PartSize(VARIABLE_CODE);
    private static final PartSize NONE = new PartSize(0);

    /** As it crosses to native code: -1 = variable, 0 = none, else a number of bytes. */
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
     * No bytes at all: the part does not exist.
     *
     * @return the size
     */
    public static PartSize none() {
        return NONE;
    }

    static PartSize ofCode(int code) {
        return code == VARIABLE_CODE ? VARIABLE : code == 0 ? NONE : fixed(code);
    }

    int code() {
        return code;
    }

    String optionValue() {
        return code == VARIABLE_CODE ? VARIABLE_TEXT : Integer.toString(code);
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
        return code == VARIABLE_CODE ? VARIABLE_TEXT : code == 0 ? "none" : "fixed(" + code + ")";
    }
}
