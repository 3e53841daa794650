package dev.keybed;

/**
 * An object cannot do this now: it is closed, belongs to another thread, or what it showed has moved on.
 *
 * <p>{@link #errorCode()} tells them apart.
 */
public final class KeybedStateException extends IllegalStateException implements Coded {
    private static final long serialVersionUID = 1;

    /** What happened. */
    private final ErrorCode errorCode;

    KeybedStateException(ErrorCode errorCode, String message) {
        this(errorCode, message, null);
    }

    KeybedStateException(ErrorCode errorCode, String message, Throwable cause) {
        super(message, cause);
        this.errorCode = errorCode;
    }

    @Override
    public ErrorCode errorCode() {
        return errorCode;
    }
}
