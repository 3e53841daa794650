package dev.keybed;

/** Natives about the directories that snapshots of a series are. All are cold. */
final class NativeSnapshotFiles {
    static {
        NativeLibrary.load();
    }

    private NativeSnapshotFiles() {}

    /** What {@link SnapshotFiles#read} reads. */
    static native String[] read(byte[] path);

    /** The same, and checks all files. */
    static native String[] verify(byte[] path);
}
