package dev.keybed;

/** The one place where an error code becomes an exception. */
final class Errors {

    private Errors() {}

    /** The exception for {@code code}, of the class that the code's type names. */
    static RuntimeException of(ErrorCode code, String message) {
        return switch (code.type()) {
            case STATE -> new KeybedStateException(code, message);
            case ARGUMENT -> new KeybedArgumentException(code, message);
            case ENVIRONMENT -> new KeybedException(code, message);
        };
    }

    /** The exception for a code. Called by the native side, whose cold natives throw what this returns. */
    static RuntimeException of(int code, String message) {
        return of(ErrorCode.ofCode(code), message);
    }

    /** The exception for what a hot native returned: {@code -(code)}. The message waits on the native side. */
    static RuntimeException ofResult(int result) {
        ErrorCode code = ErrorCode.ofCode(-result);
        String message = NativeLibrary.lastErrorMessage();
        return of(code, message != null ? message : code.description());
    }

    static RuntimeException closed(String what) {
        return of(ErrorCode.CLOSED, what + " is closed");
    }
}
