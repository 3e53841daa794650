package dev.keybed;

/** Natives of a snapshot. All are cold, and may be called by any thread. */
final class NativeSnapshot {
    static {
        NativeLibrary.load();
    }

    private NativeSnapshot() {}

    /** First and last key group, then three strings for each state, as {@link NativeStore#states}. */
    static native String[] describe(long snapshot);

    static native long count(long snapshot, String state, int keyGroup);

    static native void release(long snapshot, String state, int keyGroup);

    /**
     * Writes a file.
     *
     * @param path the raw bytes of its path
     * @param options name, value, name, value...
     * @return id, bytes, blocks, entries
     */
    static native String[] write(long snapshot, byte[] path, String[] options);

    /** A stream; a handle for {@link NativeBlocks}. */
    static native long stream(long snapshot, String[] options);

    /** Idempotent. Streams go on. */
    static native void close(long snapshot);
}
