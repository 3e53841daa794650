package dev.keybed;

import java.util.ArrayDeque;

/**
 * The buffers of a session for what scans, multi-gets and composite keys move between Java and native code. A buffer
 * that is given back stays registered and serves the next taker, so that opening and closing cursors costs no memory and
 * no registration.
 */
final class BlockBuffers {
    /** Enough for a block to be worth a call, little enough to stay in the processor's cache. */
    private static final int CAPACITY = 64 * 1024;
    /** A buffer that outgrew this is cut back before it is kept. */
    private static final int LARGEST_KEPT = 1024 * 1024;

    private static final int FIRST_INDEX = 2;
    private static final int END_INDEX = 64;

    private final Session session;
    private final ArrayDeque<SharedBuffer> free = new ArrayDeque<>();
    private int nextIndex = FIRST_INDEX;

    BlockBuffers(Session session) {
        this.session = session;
    }

    /** A buffer of at least {@code capacity} bytes. */
    SharedBuffer take(int capacity) {
        SharedBuffer buffer = take();
        if (buffer.capacity() < capacity) {
            buffer.grow(capacity, 0, capacity);
        }
        return buffer;
    }

    SharedBuffer take() {
        SharedBuffer kept = free.poll();
        return kept != null ? kept : register();
    }

    /** Takes a buffer back. */
    void give(SharedBuffer buffer) {
        if (buffer.capacity() > LARGEST_KEPT) {
            buffer.replace(CAPACITY, 0);
        }
        free.push(buffer);
    }

    private SharedBuffer register() {
        if (nextIndex == END_INDEX) {
            throw Errors.of(
                    ErrorCode.TOO_MANY_HANDLES,
                    "all " + (END_INDEX - FIRST_INDEX) + " block buffers of the session are in use;"
                            + " close cursors and multi-gets that are done");
        }
        SharedBuffer buffer = new SharedBuffer(session, nextIndex, CAPACITY);
        nextIndex++;
        return buffer;
    }
}
