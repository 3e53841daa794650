package dev.keybed.bench;

import java.nio.ByteBuffer;

/** A key for the peer's direct {@code ByteBuffer} API: one buffer, overwritten for each key. */
final class DirectKey {
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(Keys.COMPOSITE_BYTES);

    /** The composite bytes of a key, from position to limit; the same buffer each time. */
    ByteBuffer of(long key) {
        return write(key, bytes);
    }

    /** Writes the composite bytes to a buffer of just their size. */
    static ByteBuffer write(long key, ByteBuffer target) {
        target.putShort(Keys.GROUP_AT, (short) Keys.group(key));
        target.putLong(Keys.KEY_AT, key);
        // The peer moves the position to the limit.
        target.clear();
        return target;
    }
}
