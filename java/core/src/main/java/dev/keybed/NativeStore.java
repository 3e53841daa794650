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

    /**
     * A series of snapshots.
     *
     * @param options name, value, name, value...
     * @param madeFrom the raw bytes of the paths of snapshots that it follows
     * @return a handle for {@link NativeSnapshotSeries}
     */
    static native long snapshotSeries(long store, String[] options, byte[][] madeFrom);

    /** Flushes and closes; idempotent. Sessions that are open keep the files until the last of them is closed. */
    static native void close(long store);

    static native void flush(long store);

    /** A new session, owned by the calling thread. */
    static native long session(long store);

    /**
     * When the entries of a state are over.
     *
     * @param form -1 never, 0 value, 1 entry of a map, 2 list
     * @param element of a list, the bytes of an element; -1 text, -2 bytes, -3 unknown
     * @return whether the engine drops them
     */
    static native boolean setExpiry(
            long store, String state, int form, int element, long ttlMillis, long entriesAClock, long rewriteSeconds);

    /** The time that entries expire by; {@link Long#MIN_VALUE}: the machine's. */
    static native void setTime(long store, long millis);

    static native void compact(long store, String state);

    /** Name, value, name, value... */
    static native String[] statistics(long store);

    /** Name, number, name, number... */
    static native String[] figures(long store);

    /** Name, code of the kind, code of the namespace size; three strings for each state. */
    static native String[] states(long store);
}
