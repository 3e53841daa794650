package dev.keybed;

// Generated from src/error.rs; a test fails when this is stale.

/** Every kind of error, with its stable code: the same in Rust, C and Java. */
public enum ErrorCode {
    /** The object or its store has been closed. */
    CLOSED(2, Type.STATE, "The object or its store has been closed."),
    /** The handle is stale, of another type, or was never given out. */
    FOREIGN_HANDLE(3, Type.STATE, "The handle is stale, of another type, or was never given out."),
    /** A session is used by a thread that does not own it. */
    WRONG_THREAD(4, Type.STATE, "A session is used by a thread that does not own it."),
    /** An earlier internal failure left the store in doubt; it refuses further work. Close it and open it again. */
    POISONED(5, Type.STATE, "An earlier internal failure left the store in doubt; it refuses further work. Close it and open it again."),
    /** An internal failure (a bug); the store is poisoned. */
    PANIC(6, Type.ENVIRONMENT, "An internal failure (a bug); the store is poisoned."),
    /** No current key has been set. */
    NO_KEY(7, Type.STATE, "No current key has been set."),
    /** The scan has not been started, is at its end, or is of another state. */
    CURSOR_INVALID(8, Type.STATE, "The scan has not been started, is at its end, or is of another state."),
    /** The table of native objects is full. */
    TOO_MANY_HANDLES(9, Type.STATE, "The table of native objects is full."),
    /** An argument is outside its range. */
    INVALID_ARGUMENT(20, Type.ARGUMENT, "An argument is outside its range."),
    /** The key has no bytes. */
    EMPTY_KEY(21, Type.ARGUMENT, "The key has no bytes."),
    /** The composite key is longer than max-key-bytes. */
    KEY_TOO_LARGE(22, Type.ARGUMENT, "The composite key is longer than max-key-bytes."),
    /** The value is longer than max-value-bytes. */
    VALUE_TOO_LARGE(23, Type.ARGUMENT, "The value is longer than max-value-bytes."),
    /** A key part of fixed size has another length. */
    KEY_PART_LENGTH(24, Type.ARGUMENT, "A key part of fixed size has another length."),
    /** The key group is not below max-parallelism, or not one of the store's. */
    KEY_GROUP_OUT_OF_RANGE(25, Type.ARGUMENT, "The key group is not below max-parallelism, or not one of the store's."),
    /** The output buffer is too small; nothing was written. */
    BUFFER_TOO_SMALL(27, Type.ARGUMENT, "The output buffer is too small; nothing was written."),
    /** The output buffer is read-only. */
    READ_ONLY_BUFFER(28, Type.ARGUMENT, "The output buffer is read-only."),
    /** A direct buffer is needed. */
    NOT_A_DIRECT_BUFFER(29, Type.ARGUMENT, "A direct buffer is needed."),
    /** An option is unknown or its value is out of range. */
    INVALID_OPTION(30, Type.ARGUMENT, "An option is unknown or its value is out of range."),
    /** The store has no state of that name or id. */
    STATE_NOT_FOUND(40, Type.STATE, "The store has no state of that name or id."),
    /** The state is already open in this session. */
    STATE_ALREADY_OPEN(41, Type.STATE, "The state is already open in this session."),
    /** The state exists with another kind or namespace size. */
    STATE_MISMATCH(42, Type.STATE, "The state exists with another kind or namespace size."),
    /** The operation does not exist for this kind of state. */
    WRONG_STATE_KIND(43, Type.STATE, "The operation does not exist for this kind of state."),
    /** The operating system reported an I/O error. */
    IO(60, Type.ENVIRONMENT, "The operating system reported an I/O error."),
    /** The file system has no room left. */
    STORAGE_FULL(61, Type.ENVIRONMENT, "The file system has no room left."),
    /** Another store, in this process or another, has the directory open. */
    LOCKED(62, Type.ENVIRONMENT, "Another store, in this process or another, has the directory open."),
    /** The path is not a directory. */
    NOT_A_DIRECTORY(63, Type.ENVIRONMENT, "The path is not a directory."),
    /** The file or directory is not one of Keybed's. */
    FOREIGN_FORMAT(64, Type.ENVIRONMENT, "The file or directory is not one of Keybed's."),
    /** The store or snapshot was written by a newer version. */
    NEWER_FORMAT(65, Type.ENVIRONMENT, "The store or snapshot was written by a newer version."),
    /** Stored bytes are damaged. */
    CORRUPTION(66, Type.ENVIRONMENT, "Stored bytes are damaged."),
    /** This library was built without that engine. */
    ENGINE_UNAVAILABLE(67, Type.ENVIRONMENT, "This library was built without that engine."),
    /** The store was created with other fixed options. */
    OPTIONS_MISMATCH(68, Type.ENVIRONMENT, "The store was created with other fixed options."),
    /** The storage engine reported an error. */
    ENGINE(69, Type.ENVIRONMENT, "The storage engine reported an error."),
    /** There is a store already, and error-if-exists is set. */
    STORE_EXISTS(70, Type.ENVIRONMENT, "There is a store already, and error-if-exists is set."),
    /** There is no store, and create-if-missing is not set. */
    STORE_MISSING(71, Type.ENVIRONMENT, "There is no store, and create-if-missing is not set."),
    /** There is something at the path of the new snapshot already; a snapshot is never overwritten. */
    SNAPSHOT_EXISTS(72, Type.ENVIRONMENT, "There is something at the path of the new snapshot already; a snapshot is never overwritten."),
    /** The snapshots do not fit together, or do not fit what is asked of them: key groups overlap or are missing, or other keys. */
    SNAPSHOT_MISMATCH(73, Type.ENVIRONMENT, "The snapshots do not fit together, or do not fit what is asked of them: key groups overlap or are missing, or other keys."),
    /** The memory budget is used up; nothing was changed. */
    MEMORY_BUDGET(80, Type.ENVIRONMENT, "The memory budget is used up; nothing was changed."),
    /** The system has no memory left. */
    OUT_OF_MEMORY(81, Type.ENVIRONMENT, "The system has no memory left."),
    /** The native library could not be loaded (raised by Java). */
    LIBRARY_LOAD(90, Type.ENVIRONMENT, "The native library could not be loaded (raised by Java).");

    /** Which exception class a code becomes. */
    enum Type {
        /** {@link KeybedStateException}. */
        STATE,
        /** {@link KeybedArgumentException}. */
        ARGUMENT,
        /** {@link KeybedException}. */
        ENVIRONMENT
    }

    private final int code;
    private final Type type;
    private final String description;

    ErrorCode(int code, Type type, String description) {
        this.code = code;
        this.type = type;
        this.description = description;
    }

    /**
     * The stable number.
     *
     * @return the code
     */
    public int code() {
        return code;
    }

    /**
     * What it means, as one sentence.
     *
     * @return the description
     */
    public String description() {
        return description;
    }

    Type type() {
        return type;
    }

    /**
     * The constant of a number.
     *
     * @param code the number
     * @return the constant
     * @throws IllegalArgumentException for a number that is none
     */
    public static ErrorCode ofCode(int code) {
        for (ErrorCode candidate : values()) {
            if (candidate.code == code) {
                return candidate;
            }
        }
        throw new IllegalArgumentException("no error has the code " + code);
    }
}
