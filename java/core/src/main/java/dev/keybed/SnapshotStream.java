package dev.keybed;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A snapshot on its way out, block by block. The blocks, one after the other, are a snapshot file.
 *
 * <p>Any thread may pull, one at a time (WRONG_THREAD otherwise), while sessions go on. Any thread may close it at any moment:
 * whoever pulls gets CLOSED, at the latest when the block that is being made is done. Nothing is allocated for a block once the
 * stream's own buffer is large enough.
 *
 * <p>A stream must be closed. It goes on when the snapshot and the store are closed. One that is forgotten is freed when the
 * garbage collector finds it.
 */
public final class SnapshotStream implements AutoCloseable {
    /** What {@link #next} returns at the end. */
    public static final int END = -1;

    private static final int CHUNK = 64 * 1024;

    private final Snapshot snapshot;
    private final BlockSource blocks;
    /** Length of a block that was made and not handed out yet; 0 if there is none. */
    private int pending;
    private volatile int needed;

    SnapshotStream(Snapshot snapshot, long nativeBlocks) {
        this.snapshot = snapshot;
        this.blocks = new BlockSource("the snapshot stream", nativeBlocks);
        blocks.watch(this);
    }

    /**
     * Copies the next block to the target's position and advances it. Any buffer will do that is not read-only.
     *
     * @param target where the block goes
     * @return its length; 0 if the target has too little room: nothing was copied, {@link #needed()} says how much the block
     *     needs, and the call may be repeated; {@link #END} if there are no more
     * @throws KeybedArgumentException READ_ONLY_BUFFER
     * @throws KeybedStateException CLOSED; also if a key group that is still to come was released, or an earlier call failed
     */
    public int next(ByteBuffer target) {
        if (target.isReadOnly()) {
            throw Errors.of(ErrorCode.READ_ONLY_BUFFER, "the buffer is read-only");
        }
        blocks.enter();
        try {
            int length = pull();
            if (length == 0) {
                return END;
            }
            if (target.remaining() < length) {
                needed = length;
                return 0;
            }
            target.put(target.position(), blocks.bytes(), 0, length);
            target.position(target.position() + length);
            pending = 0;
            return length;
        } finally {
            blocks.exit();
            Reference.reachabilityFence(this);
        }
    }

    /**
     * How much room the block needs that did not fit.
     *
     * @return its length
     */
    public int needed() {
        return needed;
    }

    /**
     * Writes all blocks that are left.
     *
     * @param channel where they go; a blocking one
     * @return what the whole stream had
     * @throws IOException the channel's; the stream goes on behind the block that was being written
     * @throws KeybedStateException as {@link #next}
     */
    public SnapshotSummary writeTo(WritableByteChannel channel) throws IOException {
        blocks.enter();
        try {
            ByteBuffer view = null;
            ByteBuffer of = null;
            for (int length = pull(); length > 0; length = pull()) {
                pending = 0;
                if (of != blocks.bytes()) {
                    of = blocks.bytes();
                    // Read-only: nobody but native code writes there, whatever the channel does.
                    view = of.asReadOnlyBuffer();
                }
                view.clear().limit(length);
                while (view.hasRemaining()) {
                    channel.write(view);
                }
            }
            return summary();
        } finally {
            blocks.exit();
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Writes all blocks that are left. Does not flush.
     *
     * @param out where they go
     * @return what the whole stream had
     * @throws IOException the output's; the stream goes on behind the block that was being written
     * @throws KeybedStateException as {@link #next}
     */
    public SnapshotSummary writeTo(OutputStream out) throws IOException {
        blocks.enter();
        try {
            byte[] chunk = new byte[CHUNK];
            for (int length = pull(); length > 0; length = pull()) {
                pending = 0;
                for (int from = 0; from < length; from += CHUNK) {
                    int part = Math.min(CHUNK, length - from);
                    blocks.bytes().get(from, chunk, 0, part);
                    out.write(chunk, 0, part);
                }
            }
            return summary();
        } finally {
            blocks.exit();
            Reference.reachabilityFence(this);
        }
    }

    /**
     * What the stream has given so far; after the end, all of the snapshot.
     *
     * @return id, length and counts
     * @throws KeybedStateException CLOSED, WRONG_THREAD
     */
    public SnapshotSummary summary() {
        SnapshotSummary summary = SnapshotSummary.of(NativeBlocks.summary(blocks.nativeHandle()));
        Reference.reachabilityFence(this);
        return summary;
    }

    /**
     * The snapshot it is of.
     *
     * @return the snapshot
     */
    public Snapshot snapshot() {
        return snapshot;
    }

    /** Closes the stream, at its end or before; does nothing if that has been done. Never waits. */
    @Override
    public void close() {
        blocks.close();
        Reference.reachabilityFence(this);
    }

    /**
     * Whether {@link #close()} has been called.
     *
     * @return true once it has
     */
    public boolean isClosed() {
        return blocks.isClosed();
    }

    /** The length of the block to hand out, or 0 at the end. */
    private int pull() {
        if (pending == 0) {
            pending = blocks.next();
        }
        return pending;
    }
}
