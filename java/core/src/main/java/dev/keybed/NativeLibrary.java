package dev.keybed;

/**
 * The native library: loaded once for each class loader, when the first class with natives is initialised.
 *
 * <p>A failure to load is kept, never thrown from a static initialiser: the JVM would answer every later use with a
 * {@link NoClassDefFoundError} that says nothing. Entry points call {@link #ensureLoaded()}, which throws the same clear
 * error each time.
 */
final class NativeLibrary {
    /** The number of this interface; the library must answer with the same. */
    static final int ABI_VERSION = 1;

    /** Why loading failed, or null. */
    private static final KeybedException FAILURE = tryLoad();

    private NativeLibrary() {}

    /** Makes the library load if it has not been; never throws. For the static initialisers of classes with natives. */
    static void load() {
        // Calling this initialises the class, and that is all it takes.
    }

    /**
     * The gate in front of every native.
     *
     * @throws KeybedException LIBRARY_LOAD if the library could not be loaded
     */
    static void ensureLoaded() {
        if (FAILURE != null) {
            throw new KeybedException(ErrorCode.LIBRARY_LOAD, FAILURE.getMessage(), FAILURE);
        }
    }

    private static KeybedException tryLoad() {
        try {
            NativeLoader.load(NativeLibrary::requireSameAbi);
            return null;
        } catch (KeybedException e) {
            return e;
        } catch (RuntimeException | Error e) {
            return new KeybedException(ErrorCode.LIBRARY_LOAD, "the native library could not be loaded: " + e, e);
        }
    }

    /** Runs right after a library was loaded: it must be Keybed's, and of this jar's interface. */
    private static void requireSameAbi() {
        int found;
        try {
            found = abiVersion();
        } catch (UnsatisfiedLinkError e) {
            throw new UnsatisfiedLinkError("the file is a library, but not that of Keybed");
        }
        if (found != ABI_VERSION) {
            throw new UnsatisfiedLinkError(
                    "the library has interface version " + found + ", this jar needs " + ABI_VERSION);
        }
    }

    static native int abiVersion();

    static native String version();

    /** The message of the last hot native that failed on this thread, or null. */
    static native String lastErrorMessage();

    /** What the library was built with, comma-separated. */
    static native String features();

    /**
     * How many objects live on the native side: stores, sessions, snapshots, streams and cursors of snapshots, stored snapshots,
     * series, prepared snapshots. For leak tests.
     */
    static native long[] liveHandles();
}
