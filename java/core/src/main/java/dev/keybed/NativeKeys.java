package dev.keybed;

/** Natives about keys that need no store. */
final class NativeKeys {
    static {
        NativeLibrary.load();
    }

    private NativeKeys() {}

    /** Hot. Equal to {@link KeyGroups#of}; a negative code if {@code maxParallelism} is out of range. */
    static native int keyGroup(int javaHash, int maxParallelism);
}
