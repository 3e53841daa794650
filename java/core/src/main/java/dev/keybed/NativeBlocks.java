package dev.keybed;

import java.nio.ByteBuffer;

/**
 * Natives of what gives blocks: streams of snapshots and cursors of stored ones. May be called by any thread, but not by two
 * at once (WRONG_THREAD).
 */
final class NativeBlocks {
    /** What {@link #next} returns when the buffer is too small. */
    static final int NEEDS_MORE = -1;

    static {
        NativeLibrary.load();
    }

    private NativeBlocks() {}

    /** Hot. The length of the next block, at the start of the buffer; 0 at the end, {@link #NEEDS_MORE}, or a negative code. */
    static native int next(long blocks);

    /** Hot. The capacity that the next block needs, as far as is known; or a negative code. */
    static native int needed(long blocks);

    /** The direct buffer that blocks go to, in the place of the one there was. */
    static native void registerBuffer(long blocks, ByteBuffer buffer);

    /** Of a stream: id, bytes, blocks and entries so far. */
    static native String[] summary(long blocks);

    /** Idempotent. A call that runs comes to its end. */
    static native void close(long blocks);
}
