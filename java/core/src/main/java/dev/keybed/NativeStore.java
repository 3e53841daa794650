package dev.keybed;

/** Natives of a store. All are cold: they throw their exceptions themselves. */
final class NativeStore {
    static {
        NativeLibrary.load();
    }

    private NativeStore() {}

    /**
     * Opens a store.
     *
     * @param path the raw bytes of the directory's path
     * @param options name, value, name, value...
     * @return the handle
     */
    static native long open(byte[] path, String[] options);

    /**
     * Makes a store from snapshots.
     *
     * @param path the raw bytes of the directory's path
     * @param options name, value, name, value...
     * @param snapshots the raw bytes of their paths
     * @return the handle
     */
    static native long restore(byte[] path, String[] options, byte[][] snapshots);

    /** A handle for {@link NativeSnapshot}. */
    static native long snapshot(long store);

    /** A handle for {@link NativeSnapshotSeries}. */
    static native long snapshotSeries(long store, String[] options);

    /** Flushes and closes; idempotent. Sessions that are open keep the files until the last of them is closed. */
    static native void close(long store);

    static native void flush(long store);

    /** A new session, owned by the calling thread. */
    static native long session(long store);

    /** Name, value, name, value... */
    static native String[] statistics(long store);

    /** Name, number, name, number... */
    static native String[] figures(long store);

    /** Name, code of the kind, code of the namespace size; three strings for each state. */
    static native String[] states(long store);
}
