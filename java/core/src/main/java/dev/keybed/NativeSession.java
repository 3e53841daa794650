package dev.keybed;

import java.nio.ByteBuffer;

/**
 * Natives of a session.
 *
 * <p>The <em>cold</em> ones throw. The <em>hot</em> ones take primitives only and return {@code >= 0}, -1 for "absent",
 * or {@code -(code)} of an {@link ErrorCode}; {@link Session#end} turns a code into its exception.
 *
 * <p>The parts of a key lie back to back in buffer 0, values at the start of buffer 1:
 *
 * <pre>
 *   buffer 0   | key (keyLen) | namespace (nsLen) | map key (mapKeyLen) |
 *   buffer 1   | value (valueLen) |
 * </pre>
 *
 * A negative {@code keyLen} is {@code ~keyLen}: the current key has not changed since the last call that sent it and
 * succeeded, and native code uses its own copy.
 */
final class NativeSession {
    static {
        NativeLibrary.load();
    }

    private NativeSession() {}

    // Cold.

    /** Idempotent. WRONG_THREAD unless called by the owner, released, or unreachable (called by the Cleaner). */
    static native void close(long session, boolean unreachable);

    static native void release(long session);

    static native void acquire(long session);

    /**
     * 0 = key, 1 = value, 2 to 63 = blocks, requests and composite keys. Keeps the buffer alive; null unregisters. The
     * only native that takes a buffer, and only ever one that {@link SharedBuffer} made: the memory of a caller's may be
     * freed while native code writes to it.
     */
    static native void registerBuffer(long session, int index, ByteBuffer direct);

    /** Opens or creates a state; returns its id. */
    static native int openState(long session, String name, int kind, int namespaceSize);

    // Hot: one entry.

    /** The value's length; if it is more than buffer 1 holds, nothing was copied. */
    static native int get(long session, int state, int group, int keyLen, int nsLen, int mapKeyLen);

    static native int put(long session, int state, int group, int keyLen, int nsLen, int mapKeyLen, int valueLen);

    static native int append(long session, int state, int group, int keyLen, int nsLen, int mapKeyLen, int valueLen);

    static native int delete(long session, int state, int group, int keyLen, int nsLen, int mapKeyLen);

    static native int contains(long session, int state, int group, int keyLen, int nsLen, int mapKeyLen);

    /** Buffer 1: key and value of each entry, then key length and value length of each (big-endian). */
    static native int putAll(long session, int state, int group, int keyLen, int nsLen, int valueLen, int count);

    /** Whether a map has no entry: 1 or 0. */
    static native int isEmpty(long session, int state, int group, int keyLen, int nsLen);

    /** Adds to the value, a number of eight bytes; the new one goes to buffer 1. Returns its length. */
    static native int addLong(
            long session, int state, int group, int keyLen, int nsLen, int mapKeyLen, long delta);

    /** Writes the composite key to block buffer {@code buffer}; its length. If that is more than it holds, nothing. */
    static native int compositeKey(long session, int buffer, int state, int group, int keyLen, int nsLen, int mapKeyLen);

    // Hot: many entries.

    /** Deletes every entry in the scope. */
    static native int clear(long session, int state, int group, int keyLen, int nsLen, int scope);

    /** Starts the scan of block buffer {@code buffer} and fills its first block; returns the block's length. */
    static native int scan(long session, int buffer, int state, int group, int keyLen, int nsLen, int scope);

    static native int scanNext(long session, int buffer);

    static native int scanClose(long session, int buffer);

    /** Answers the requests from index {@code from}; returns the length of the block in {@code buffer}. */
    static native int multiGet(long session, int buffer, int state, int requestBuffer, int requestLen, int from);

    /** Fills block buffer {@code buffer} with at most {@code most} entries of the map, from the map key on. */
    static native int readMap(
            long session, int buffer, int state, int group, int keyLen, int nsLen, int mapKeyLen, int most);

    static native int walkCreate(long session, int state);

    /** Fills block buffer {@code buffer} with at most {@code most} of the walk's next entries; the block's length. */
    static native int walkNext(long session, int walk, int buffer, int most);

    static native int walkFree(long session, int walk);

    // Hot: write batches.

    static native int batchCreate(long session);

    static native int batchFree(long session, int batch);

    static native int batchPut(
            long session, int batch, int state, int group, int keyLen, int nsLen, int mapKeyLen, int valueLen);

    static native int batchAppend(
            long session, int batch, int state, int group, int keyLen, int nsLen, int mapKeyLen, int valueLen);

    static native int batchDelete(long session, int batch, int state, int group, int keyLen, int nsLen, int mapKeyLen);

    static native int batchClear(long session, int batch);

    /** Commits atomically and clears the batch; returns the number of operations. */
    static native int batchCommit(long session, int batch);
}
