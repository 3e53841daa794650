package dev.keybed;

/** Makes exports of the native library panic. Only a library built for that has this native: target/failpoints. */
final class PanicInjection {
    static {
        NativeLibrary.load();
    }

    private PanicInjection() {}

    /** The next call of the native of this symbol panics; null disarms. */
    static native void arm(String symbol);
}
