package dev.keybed;

/** Where a value holds the time from which on it lives: eight bytes, big-endian, milliseconds since 1970. */
public final class ValueForm {
    private static final int LIST = 2;
    private static final int TEXT = -1;
    private static final int BYTES = -2;
    private static final int UNKNOWN = -3;

    private static final ValueForm VALUE = new ValueForm(0, 0);
    private static final ValueForm MAP_ENTRY = new ValueForm(1, 0);

    private final int code;
    private final int element;

    private ValueForm(int code, int element) {
        this.code = code;
        this.element = element;
    }

    /**
     * At the start of the value.
     *
     * @return the form
     */
    public static ValueForm value() {
        return VALUE;
    }

    /**
     * Behind a first byte that is 0; a value whose first byte is another never expires.
     *
     * @return the form
     */
    public static ValueForm mapEntry() {
        return MAP_ENTRY;
    }

    /**
     * In a list, at the start of each element. Elements at the start of the list are dropped up to the first that lives.
     *
     * @param bytes how many bytes each element has behind its time
     * @return the form
     */
    public static ValueForm listOfFixed(int bytes) {
        if (bytes < 0) {
            throw Errors.of(ErrorCode.INVALID_ARGUMENT, "an element has no " + bytes + " bytes");
        }
        return new ValueForm(LIST, bytes);
    }

    /**
     * The same of strings as Flink's {@code StringValue} writes them.
     *
     * @return the form
     */
    public static ValueForm listOfText() {
        return new ValueForm(LIST, TEXT);
    }

    /**
     * The same of arrays of bytes with their length in four bytes, big-endian, before them.
     *
     * @return the form
     */
    public static ValueForm listOfBytes() {
        return new ValueForm(LIST, BYTES);
    }

    /**
     * The same of elements that nobody can tell apart. A list is dropped as a whole, once no byte {@code ','} in it is followed by
     * a time that lives: so surely not too early, but perhaps later than it could be, or never.
     *
     * @return the form
     */
    public static ValueForm listOfUnknown() {
        return new ValueForm(LIST, UNKNOWN);
    }

    /** As it crosses to native code: 0 value, 1 entry of a map, 2 list. */
    int code() {
        return code;
    }

    /** Of a list, the bytes of an element behind its time; negative: see above. */
    int element() {
        return element;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValueForm form && form.code == code && form.element == element;
    }

    @Override
    public int hashCode() {
        return 31 * code + element;
    }

    @Override
    public String toString() {
        return switch (code) {
            case 0 -> "value";
            case 1 -> "map entry";
            default -> "list of " + switch (element) {
                case TEXT -> "text";
                case BYTES -> "bytes";
                case UNKNOWN -> "unknown elements";
                default -> element + " bytes";
            };
        };
    }
}
