package dev.keybed;

/** Natives of a snapshot that is still to be written. All are cold, and may be called by any thread. */
final class NativePreparedSnapshot {
    static {
        NativeLibrary.load();
    }

    private NativePreparedSnapshot() {}

    /** Writes it, once. What {@link SnapshotFiles#read} reads. */
    static native String[] finish(long prepared);

    /** Idempotent. What was not finished has never been. */
    static native void close(long prepared);
}
