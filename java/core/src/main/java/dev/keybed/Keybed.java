package dev.keybed;

/** What this library is. To use it, see {@link Store}. */
public final class Keybed {

    private Keybed() {}

    /**
     * The version of the native library.
     *
     * @return the version, such as {@code 0.1.0}
     * @throws KeybedException LIBRARY_LOAD if the native library could not be loaded
     */
    public static String version() {
        NativeLibrary.ensureLoaded();
        return NativeLibrary.version();
    }

    /**
     * What the native library was built with.
     *
     * @return names separated by commas, such as {@code rocks}; empty if the only engine is {@link Engine#TABLE}
     * @throws KeybedException LIBRARY_LOAD if the native library could not be loaded
     */
    public static String features() {
        NativeLibrary.ensureLoaded();
        return NativeLibrary.features();
    }
}
