package dev.keybed;

import java.lang.ref.Cleaner;

/**
 * The native side of a public object. It is also what frees that side if the object is forgotten, so it must never
 * refer to the object: then the object could not become unreachable.
 *
 * <p>The number is zeroed at close, so that later use fails early and clearly. That is a courtesy: the guarantee is
 * native, where a number is never a pointer and a stale one is recognised.
 */
final class NativeHandle implements Runnable {

    /** Frees the native side. */
    @FunctionalInterface
    interface Closer {
        /**
         * Idempotent.
         *
         * @param unreachable called by the Cleaner: no thread can use the object any more
         */
        void close(long handle, boolean unreachable);
    }

    private static final Cleaner CLEANER = Cleaner.create();

    private final String what;
    private final Closer closer;
    private final Throwable createdAt;
    private volatile long value;
    private Cleaner.Cleanable cleanable;

    /** @param what the kind of object, for messages: "the session" */
    NativeHandle(String what, long value, Closer closer) {
        this.what = what;
        this.value = value;
        this.closer = closer;
        this.createdAt = LeakReport.creationPoint(what);
    }

    /** From now on the native side is freed when {@code owner} becomes unreachable. */
    void watch(Object owner) {
        cleanable = CLEANER.register(owner, this);
    }

    /** The number to hand to natives. Whoever does must keep the owner reachable until the native returns. */
    long value() {
        long handle = value;
        if (handle == 0) {
            throw Errors.closed(what);
        }
        return handle;
    }

    boolean isClosed() {
        return value == 0;
    }

    /**
     * Frees the native side; does nothing if that has been done. If native code reports an error, the object counts as
     * closed all the same, except that a wrong thread has changed nothing.
     */
    void close() {
        long handle = value;
        if (handle == 0) {
            return;
        }
        boolean refused = false;
        try {
            closer.close(handle, false);
        } catch (KeybedStateException e) {
            refused = e.errorCode() == ErrorCode.WRONG_THREAD;
            throw e;
        } finally {
            if (!refused) {
                value = 0;
                if (cleanable != null) {
                    cleanable.clean();
                }
            }
        }
    }

    /** What the Cleaner runs: after {@link #close()} there is nothing left to do. */
    @Override
    public void run() {
        long handle = value;
        if (handle == 0) {
            return;
        }
        value = 0;
        try {
            closer.close(handle, true);
            LeakReport.freed(what, createdAt);
        } catch (RuntimeException e) {
            LeakReport.notFreed(what, e);
        }
    }
}
