package dev.keybed;

/** Natives of a stored snapshot. All are cold, and may be called by any thread. */
final class NativeStoredSnapshot {
    static {
        NativeLibrary.load();
    }

    private NativeStoredSnapshot() {}

    /** @param path the raw bytes of the file's path */
    static native long open(byte[] path);

    /** What {@link SnapshotInfo#read} reads. */
    static native String[] describe(long stored);

    static native long count(long stored, String state);

    /** A cursor; a handle for {@link NativeBlocks}. */
    static native long scan(long stored, String state, int firstKeyGroup, int lastKeyGroup);

    /** A value, or null. Namespace and map key may be null. */
    static native byte[] get(long stored, String state, int keyGroup, byte[] key, byte[] namespace, byte[] mapKey);

    /** Checks all of a file. What {@link SnapshotInfo#read} reads, and the entries of each state. */
    static native String[] verify(byte[] path);

    /** Idempotent. Cursors go on. */
    static native void close(long stored);
}
