package dev.keybed;

/**
 * When the entries of a state are over: a time to live after the time that each value holds.
 *
 * @param form where a value holds its time
 * @param ttlMillis how many milliseconds from that time on an entry lives
 * @param entriesAClock after how many entries the clock is read anew while files are rewritten, not negative
 * @param rewriteSeconds files that have not been rewritten for so many seconds are, for the sake of what is over in them; 0: never
 *     for that
 */
public record Expiry(ValueForm form, long ttlMillis, long entriesAClock, long rewriteSeconds) {
    /** As {@link ValueForm#code()}. */
    static final int NEVER = -1;

    /** Checks the numbers. */
    public Expiry {
        java.util.Objects.requireNonNull(form, "form");
        if (entriesAClock < 0 || rewriteSeconds < 0) {
            throw Errors.of(
                    ErrorCode.INVALID_ARGUMENT,
                    "numbers of entries and seconds are not negative: " + entriesAClock + ", " + rewriteSeconds);
        }
    }
}
