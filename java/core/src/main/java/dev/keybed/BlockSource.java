package dev.keybed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Blocks from native code, one call each, in a direct buffer that belongs to the source. Nothing is allocated for a block once
 * the buffer is large enough.
 *
 * <p>Any thread may use it, one at a time: a second is refused. Closing needs no turn. The owner, for which it is watched, keeps
 * itself reachable while it calls.
 */
final class BlockSource {
    private final String what;
    private final NativeHandle handle;
    private final AtomicBoolean inUse = new AtomicBoolean();
    private ByteBuffer bytes;
    private ByteBuffer littleEndian;

    /** @param what the kind of owner, for messages: "the stream" */
    BlockSource(String what, long nativeBlocks) {
        this.what = what;
        this.handle = new NativeHandle(what, nativeBlocks, (blocks, unreachable) -> NativeBlocks.close(blocks));
    }

    /** From now on the native side is freed when {@code owner} becomes unreachable. */
    void watch(Object owner) {
        handle.watch(owner);
    }

    /** The caller's turn begins, unless it is another's. */
    void enter() {
        handle.value();
        if (!inUse.compareAndSet(false, true)) {
            throw Errors.of(ErrorCode.WRONG_THREAD, "another thread is using " + what + "; let it finish, or close it");
        }
    }

    /** The caller's turn is over. */
    void exit() {
        inUse.set(false);
    }

    /** Fetches the next block; its length at the start of {@link #bytes()}, or 0 at the end. */
    int next() {
        if (bytes == null) {
            grow();
        }
        int result = NativeBlocks.next(handle.value());
        while (result == NativeBlocks.NEEDS_MORE) {
            grow();
            result = NativeBlocks.next(handle.value());
        }
        if (result < 0) {
            throw Errors.ofResult(result);
        }
        // If it has been closed meanwhile: the block came too late.
        handle.value();
        return result;
    }

    /** The memory, for absolute access only. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** The same, little-endian. */
    ByteBuffer littleEndian() {
        return littleEndian;
    }

    long nativeHandle() {
        return handle.value();
    }

    boolean isClosed() {
        return handle.isClosed();
    }

    void close() {
        handle.close();
    }

    private void grow() {
        int needed = NativeBlocks.needed(handle.value());
        if (needed < 0) {
            throw Errors.ofResult(needed);
        }
        ByteBuffer fresh = SharedBuffer.allocate(needed);
        NativeBlocks.registerBuffer(handle.value(), fresh);
        bytes = fresh;
        littleEndian = fresh.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
