package dev.keybed;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads many values of one state in one native call: {@link #add()} each key, {@link #execute()}, then read the answers
 * by number. Reusable; nothing is allocated once its buffers are large enough.
 *
 * <p>Confined to the thread that owns the session.
 */
public final class MultiGet implements AutoCloseable {
    /** Of a request: u32 group, key length, namespace length, map key length; then the bytes. Little-endian. */
    private static final int REQUEST_HEADER = 16;

    private static final byte FOUND = 1;

    private final State state;
    private final Session session;
    private final CurrentKey key;
    private final SharedBuffer requests;
    private int requestsLength;
    private int size;

    /** The answers, in order. One block mostly; each further one has twice the room. */
    private AnswerBlock[] blocks = {};

    private int blockCount;
    private int answered;
    private final DirectInput view = new DirectInput();
    private boolean closed;

    MultiGet(State state) {
        this.state = state;
        this.session = state.session();
        this.key = session.currentKey();
        this.requests = session.blocks().take();
    }

    /** Adds the session's current key, with its namespace and (of a map state) its map key. Copies their bytes. */
    public void add() {
        requireOpen();
        session.begin(state);
        int mapKeyLength = state.mapKeyLength();
        int keysLength = key.keyLength() + key.namespaceLength() + mapKeyLength;
        long end = (long) requestsLength + REQUEST_HEADER + keysLength;
        if (end > requests.capacity()) {
            requests.grow(end, requestsLength, Integer.MAX_VALUE);
        }
        ByteBuffer target = requests.littleEndian();
        int at = requestsLength;
        target.putInt(at, key.group());
        target.putInt(at + 4, key.keyLength());
        target.putInt(at + 8, key.namespaceLength());
        target.putInt(at + 12, mapKeyLength);
        target.put(at + REQUEST_HEADER, key.bytes(), 0, keysLength);
        requestsLength = (int) end;
        size++;
    }

    /**
     * Reads the values of all keys that were added. What {@link #value} showed is no longer valid. The keys stay, so
     * that they can be read again or more can be added.
     *
     * @throws KeybedArgumentException as the first key that is wrong would (KEY_PART_LENGTH, KEY_GROUP_OUT_OF_RANGE...);
     *     there are no answers then
     */
    public void execute() {
        requireOpen();
        view.invalidate();
        answered = 0;
        int count = 0;
        int next = 0;
        while (count < size) {
            AnswerBlock block = block(next);
            count += fetch(block, count);
            next++;
        }
        blockCount = next;
        answered = size;
    }

    /**
     * How many keys have been added.
     *
     * @return the number of keys
     */
    public int size() {
        return size;
    }

    /**
     * Whether a key has a value.
     *
     * @param i the number of the key, from 0 in the order they were added
     * @return true if it has one
     * @throws IndexOutOfBoundsException if no {@link #execute()} has answered this number
     */
    public boolean found(int i) {
        AnswerBlock block = answerBlock(i);
        int entry = i - block.first;
        return block.buffer.bytes().get(block.entries.start(entry)) == FOUND;
    }

    /**
     * The value of a key.
     *
     * @param i the number of the key, from 0 in the order they were added
     * @return a view of the value, or null if there is none; the same object each time, valid until the next call of
     *     this method, of {@link #execute()} or of {@link #clear()}
     * @throws IndexOutOfBoundsException if no {@link #execute()} has answered this number
     */
    public DirectInput value(int i) {
        AnswerBlock block = answerBlock(i);
        ByteBuffer bytes = block.buffer.bytes();
        int entry = i - block.first;
        if (bytes.get(block.entries.start(entry)) != FOUND) {
            return null;
        }
        return view.show(bytes, block.entries.keyEnd(entry), block.entries.valueEnd(entry));
    }

    /** Forgets all keys and answers, and keeps the memory. */
    public void clear() {
        requireOpen();
        view.invalidate();
        requestsLength = 0;
        size = 0;
        answered = 0;
    }

    /** Gives the buffers back; does nothing if that has been done. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (!session.isClosed()) {
            // Checks the owner.
            BlockBuffers buffers = session.blocks();
            for (AnswerBlock block : blocks) {
                buffers.give(block.buffer);
            }
            buffers.give(requests);
        }
        closed = true;
        view.invalidate();
        answered = 0;
    }

    /** Fills a block with the answers from number {@code from}; returns how many fitted, at least one. */
    private int fetch(AnswerBlock block, int from) {
        Block entries = block.entries;
        SharedBuffer buffer = block.buffer;
        block.first = from;
        while (true) {
            session.endWithoutKey(NativeSession.multiGet(
                    session.nativeHandle(), buffer.index(), state.id(), requests.index(), requestsLength, from));
            entries.read(buffer, Block.MULTI_GET);
            if (entries.count() > 0) {
                return entries.count();
            }
            if (!entries.more()) {
                throw Errors.of(ErrorCode.ENGINE, "native code answered " + from + " of " + size + " requests");
            }
            buffer.grow(entries.neededCapacity(), 0, Integer.MAX_VALUE);
        }
    }

    private AnswerBlock block(int number) {
        if (number == blocks.length) {
            SharedBuffer buffer = number == 0
                    ? session.blocks().take()
                    : session.blocks().take(doubled(blocks[number - 1].buffer.capacity()));
            blocks = Arrays.copyOf(blocks, number + 1);
            blocks[number] = new AnswerBlock(session, buffer);
        }
        return blocks[number];
    }

    private static int doubled(int capacity) {
        return (int) Math.min(2L * capacity, 1 << 30);
    }

    private AnswerBlock answerBlock(int i) {
        requireOpen();
        Objects.checkIndex(i, answered);
        int number = 0;
        while (number + 1 < blockCount && blocks[number + 1].first <= i) {
            number++;
        }
        return blocks[number];
    }

    private void requireOpen() {
        session.checkOwner();
        if (closed) {
            throw Errors.closed("the multi-get");
        }
    }

    /** A block of answers, and the number of its first. */
    private static final class AnswerBlock {
        final SharedBuffer buffer;
        final Block entries;
        int first;

        AnswerBlock(Session session, SharedBuffer buffer) {
            this.buffer = buffer;
            this.entries = new Block(session);
        }
    }
}
