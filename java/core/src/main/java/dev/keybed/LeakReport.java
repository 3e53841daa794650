package dev.keybed;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Reports objects that were forgotten instead of closed, to the {@link Logger} named {@code dev.keybed}. With
 * {@code -Dkeybed.leak.tracking=true} each object remembers where it was created; that costs a stack trace per object,
 * and objects are sessions and stores, so it is cheap enough for tests and staging.
 */
final class LeakReport {
    static final String PROPERTY = "keybed.leak.tracking";
    static final String LOGGER = "dev.keybed";

    private static final boolean TRACKING = Boolean.getBoolean(PROPERTY);

    private LeakReport() {}

    /** Where the caller is now, or null if tracking is off. */
    static Throwable creationPoint(String what) {
        return TRACKING ? new Throwable(what + " was created here") : null;
    }

    static void freed(String what, Throwable createdAt) {
        if (TRACKING) {
            System.getLogger(LOGGER).log(Level.WARNING, what + " was never closed; it has been freed now", createdAt);
        }
    }

    static void notFreed(String what, RuntimeException cause) {
        System.getLogger(LOGGER).log(Level.ERROR, what + " was never closed and could not be freed", cause);
    }
}
