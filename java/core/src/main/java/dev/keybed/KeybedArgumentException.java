package dev.keybed;

/**
 * An argument is wrong: a key part of the wrong length, a buffer too small, an option that does not exist.
 *
 * <p>{@link #errorCode()} tells them apart.
 */
public final class KeybedArgumentException extends IllegalArgumentException implements Coded {
    private static final long serialVersionUID = 1;

    /** What happened. */
    private final ErrorCode errorCode;

    KeybedArgumentException(ErrorCode errorCode, String message) {
        this(errorCode, message, null);
    }

    KeybedArgumentException(ErrorCode errorCode, String message, Throwable cause) {
        super(message, cause);
        this.errorCode = errorCode;
    }

    @Override
    public ErrorCode errorCode() {
        return errorCode;
    }
}
