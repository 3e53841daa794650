package dev.keybed;

/**
 * The world outside failed: files, memory, the storage engine, or the loading of the native library.
 *
 * <p>{@link #errorCode()} tells them apart.
 */
public final class KeybedException extends RuntimeException implements Coded {
    private static final long serialVersionUID = 1;

    /** What happened. */
    private final ErrorCode errorCode;

    KeybedException(ErrorCode errorCode, String message) {
        this(errorCode, message, null);
    }

    KeybedException(ErrorCode errorCode, String message, Throwable cause) {
        super(message, cause);
        this.errorCode = errorCode;
    }

    @Override
    public ErrorCode errorCode() {
        return errorCode;
    }
}
