package dev.keybed;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A direct buffer that Java and native code both see. It is registered with the session once; native code resolves its
 * address then, and keeps it alive until the session ends or another buffer takes its index. So neither side can be left
 * with an address that is no longer memory, whatever is closed first.
 */
final class SharedBuffer {
    /** What a direct buffer can hold at most, with a little room for the JVM's own limit. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    /** The session itself, not its handle: who holds an output of it must not see it freed while the output grows. */
    private final Session session;

    private final int index;
    private ByteBuffer bytes;
    private ByteBuffer littleEndian;

    SharedBuffer(Session session, int index, int capacity) {
        this.session = session;
        this.index = index;
        replace(capacity, 0);
    }

    /** The number native code knows this buffer by. */
    int index() {
        return index;
    }

    /** The memory, for absolute access only: position 0, limit at the capacity, big-endian. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** The same memory, little-endian: for the headers and indexes of blocks. */
    ByteBuffer littleEndian() {
        return littleEndian;
    }

    /** Throws unless the caller owns the session. */
    void checkOwner() {
        session.checkOwner();
    }

    int capacity() {
        return bytes.capacity();
    }

    /**
     * Makes room for {@code needed} bytes: doubles, so that growing costs a constant for each byte, but not beyond
     * {@code enough} unless that much is needed.
     *
     * @param keep how many bytes at the start are kept
     */
    void grow(long needed, int keep, int enough) {
        if (needed > LARGEST) {
            throw Errors.of(ErrorCode.OUT_OF_MEMORY, "no buffer can hold " + needed + " bytes");
        }
        long doubled = Math.min(2L * capacity(), enough);
        replace((int) Math.min(Math.max(needed, doubled), LARGEST), keep);
    }

    /** Another memory of {@code capacity} bytes under the same index, with the first {@code keep} bytes of this one. */
    void replace(int capacity, int keep) {
        ByteBuffer fresh = allocate(capacity);
        if (keep > 0) {
            fresh.put(0, bytes, 0, keep);
        }
        NativeSession.registerBuffer(session.nativeHandle(), index, fresh);
        Reference.reachabilityFence(session);
        bytes = fresh;
        littleEndian = fresh.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Direct memory; having none is OUT_OF_MEMORY. */
    static ByteBuffer allocate(int capacity) {
        try {
            return ByteBuffer.allocateDirect(capacity);
        } catch (OutOfMemoryError e) {
            throw new KeybedException(
                    ErrorCode.OUT_OF_MEMORY,
                    "no direct memory for a buffer of " + capacity + " bytes; -XX:MaxDirectMemorySize sets the limit",
                    e);
        }
    }
}
