package dev.keybed.demo;

/** The demo cannot run as it was called. The message is for who called it. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
