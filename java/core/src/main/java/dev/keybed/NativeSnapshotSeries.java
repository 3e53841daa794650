package dev.keybed;

/** Natives of a series of snapshots. All are cold, and may be called by any thread. */
final class NativeSnapshotSeries {
    static {
        NativeLibrary.load();
    }

    private NativeSnapshotSeries() {}

    /**
     * Fixes the moment of a snapshot.
     *
     * @param path the raw bytes of the path of its directory
     * @return a handle for {@link NativePreparedSnapshot}
     */
    static native long prepare(long series, byte[] path);

    /** Idempotent. What was prepared can still be finished. */
    static native void close(long series);
}
