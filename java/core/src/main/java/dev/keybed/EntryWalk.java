package dev.keybed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A walk over all entries of a state, of all its key groups, in bounded steps and in no particular order, while the state is
 * written to: for work that is done a little at a time, such as looking for entries that have expired.
 *
 * <p>An entry that is there from the first step to the last is seen exactly once, whatever else is written between two
 * steps. One that is written meanwhile is seen as it is when the walk comes by; one that is added or removed meanwhile may be
 * seen or not.
 *
 * <p>Between two steps a walk holds nothing in the engine, no block buffer of the session, and no native memory but
 * its place. What a step showed is a copy on the Java heap, which is valid until the next step and used again for it.
 *
 * <p>Confined to the thread that owns the session. A step allocates nothing once the copy is large enough.
 */
public final class EntryWalk implements AutoCloseable {
    private final State state;
    private final Session session;
    private final Block block;
    private byte[] bytes = {};
    private ByteBuffer buffer;
    private ByteBuffer littleEndian;
    private int walk;

    EntryWalk(State state) {
        this.state = state;
        this.session = state.session();
        this.block = new Block(session);
        session.checkOwner();
        this.walk = session.endWithoutKey(NativeSession.walkCreate(session.nativeHandle(), state.id()));
    }

    /**
     * Goes on to the next entries.
     *
     * @param most how many entries at most, positive
     * @return the entries, the same object each time, valid until the next step; perhaps none, though more follow, because a step does
     *     bounded work. Keys are composite: key group, key, namespace and map key as the store writes them. {@link
     *     Block#hasMore()} is false with the last entries: the walk is at its start again then
     * @throws KeybedStateException CLOSED
     */
    public Block step(int most) {
        session.checkOwner();
        requireOpen();
        if (most <= 0) {
            throw Errors.of(ErrorCode.INVALID_ARGUMENT, "a step is of one entry or more, not of " + most);
        }
        block.clear();
        SharedBuffer shared = session.blocks().take();
        try {
            int length = next(shared, most);
            while (isTooSmall(shared)) {
                shared.grow(needed(shared), 0, Integer.MAX_VALUE);
                length = next(shared, most);
            }
            copy(shared, length);
        } finally {
            session.blocks().give(shared);
        }
        block.read(buffer, littleEndian, Block.SCAN);
        return block;
    }

    /**
     * Where the bytes of the last step's entries are: an array that the next step may use again.
     *
     * @return the array
     */
    public byte[] array() {
        return bytes;
    }

    /**
     * Where the key of an entry of the last step begins in the {@link #array()}.
     *
     * @param i the number of the entry, from 0
     * @return the index of its first byte
     */
    public int keyStart(int i) {
        return block.start(i);
    }

    /**
     * Where the key of an entry of the last step ends in the {@link #array()} and its value begins.
     *
     * @param i the number of the entry, from 0
     * @return the index behind the key's last byte
     */
    public int keyEnd(int i) {
        return block.keyEnd(i);
    }

    /**
     * Where the value of an entry of the last step ends in the {@link #array()}.
     *
     * @param i the number of the entry, from 0
     * @return the index behind the value's last byte
     */
    public int valueEnd(int i) {
        return block.valueEnd(i);
    }

    /** Ends the walk; does nothing if that has been done. */
    @Override
    public void close() {
        if (walk < 0) {
            return;
        }
        if (!session.isClosed()) {
            session.checkOwner();
            session.endWithoutKey(NativeSession.walkFree(session.nativeHandle(), walk));
        }
        walk = -1;
        block.clear();
    }

    @Override
    public String toString() {
        return "walk of " + state;
    }

    private int next(SharedBuffer shared, int most) {
        return session.endWithoutKey(
                NativeSession.walkNext(session.nativeHandle(), walk, shared.index(), most));
    }

    /** Whether there was no room for the next entry, so that the block is empty. */
    private boolean isTooSmall(SharedBuffer shared) {
        block.read(shared, Block.SCAN);
        return block.count() == 0 && block.more() && block.neededCapacity() > shared.capacity();
    }

    private long needed(SharedBuffer shared) {
        block.read(shared, Block.SCAN);
        return block.neededCapacity();
    }

    private void copy(SharedBuffer shared, int length) {
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, 2 * bytes.length)];
            buffer = ByteBuffer.wrap(bytes);
            littleEndian = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        shared.bytes().get(0, bytes, 0, length);
    }

    private void requireOpen() {
        if (walk < 0) {
            throw Errors.closed("the walk");
        }
    }
}
