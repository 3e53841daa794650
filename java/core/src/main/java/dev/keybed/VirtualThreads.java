package dev.keybed;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Sessions belong to platform threads. A virtual thread moves from one to another between two calls, and shares each
 * with others, so it must not own what native code confines to a thread.
 */
final class VirtualThreads {
    /** {@code Thread.isVirtual()}, or null where Java has no virtual threads. */
    private static final MethodHandle IS_VIRTUAL = find();

    private VirtualThreads() {}

    /** Throws KeybedStateException (WRONG_THREAD) if the caller is a virtual thread. */
    static void refuse() {
        if (IS_VIRTUAL != null && isVirtual(Thread.currentThread())) {
            throw Errors.of(
                    ErrorCode.WRONG_THREAD, "a virtual thread cannot own a session; use one from a platform thread");
        }
    }

    private static boolean isVirtual(Thread thread) {
        try {
            return (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable e) {
            throw new AssertionError("Thread.isVirtual() throws nothing", e);
        }
    }

    private static MethodHandle find() {
        try {
            MethodType type = MethodType.methodType(boolean.class);
            return MethodHandles.publicLookup().findVirtual(Thread.class, "isVirtual", type);
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }
}
