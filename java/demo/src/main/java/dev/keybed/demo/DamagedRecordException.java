package dev.keybed.demo;

/** Bytes came back from the store that are not a record. */
final class DamagedRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedRecordException(String message) {
        super(message);
    }
}
