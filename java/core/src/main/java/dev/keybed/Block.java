package dev.keybed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * Many entries in one piece of memory, as native code writes them: what {@link EntryCursor#nextBlock()} returns. Entries
 * are read by number, through views; none becomes an object. Some of the entries are a block again ({@link #slice}), on
 * the same memory, and go to a channel as they are ({@link #writeTo}), to be read where they arrive by {@link #wrap}.
 *
 * <pre>
 *   0     u32  magic "KBB1"                                             all numbers little-endian
 *   4     u8   kind: 1 scan, 2 multi-get, 3 snapshot, 4 changes, 5 batch
 *   5     u8   flags: bit 0 MORE = this is not the end; bit 1 SLICE = there is a base
 *   6     u8   width W of the index: 1, 2, 4; 0 = all entries have the same size
 *   7     u8   zero
 *   8     u32  count of entries
 *   12    u32  length P of the payload
 *   16    u32  base B, of a slice only; else the payload begins here and B is 0
 *   H          payload: key, value, key, value...
 *   H+P        index, W > 0: key end, value end of each entry, W bytes each; position p is byte p - B of the payload
 *                     W = 0: u32 length of every key, u32 length of every value
 * </pre>
 *
 * <p>A block of a session belongs to the thread that owns the session. It is valid as long as its owner says; used longer,
 * it throws {@link KeybedStateException} (CURSOR_INVALID). Nothing here allocates once the views are there, unless it says
 * so.
 */
public final class Block {
    static final int SCAN = 1;
    static final int MULTI_GET = 2;
    static final int CHANGES = 4;

    private static final int LARGEST_KIND = 5;
    private static final int MAGIC = 0x3142424B;
    private static final int HEADER = 16;
    private static final int LONGEST_HEADER = 20;
    private static final int MORE = 1;
    private static final int SLICE = 2;

    /** Whose owner may read this; null: whoever has it. */
    private final Session session;
    /** The memory; null when this shows nothing. */
    private ByteBuffer bytes;

    private ByteBuffer littleEndian;
    private int kind;
    private int count;
    private boolean more;
    private int width;
    private int payloadStart;
    private int payloadEnd;
    /** Where position 0 of the index is in the buffer, or would be. */
    private int origin;

    private int indexStart;
    /** Sizes of every key and of every entry, when the width is 0. */
    private int keySize;
    private int entrySize;

    private final DirectInput keyView = new DirectInput();
    private final DirectInput valueView = new DirectInput();
    /** What {@link #slice} returns; shows nothing when this does. */
    private Block slice;

    private BlockParts parts;

    Block(Session session) {
        this.session = session;
    }

    /**
     * Reads a block from a buffer: what {@link #writeTo} wrote, here or elsewhere. The buffer is shared, not copied, and
     * must not be changed while the block is used.
     *
     * @param buffer the block, from the buffer's position on; what follows it is ignored. Neither position nor limit changes
     * @return a new block, which belongs to whoever has it, one thread at a time
     * @throws KeybedException CORRUPTION if there is no block
     */
    public static Block wrap(ByteBuffer buffer) {
        Block block = new Block(null);
        block.littleEndian = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
        block.open(buffer.slice());
        return block;
    }

    /** Looks at the block that native code has written to the start of {@code buffer}. */
    void read(SharedBuffer buffer, int kind) {
        read(buffer.bytes(), buffer.littleEndian(), kind);
    }

    /** The same of a buffer and its little-endian view. */
    void read(ByteBuffer buffer, ByteBuffer b, int kind) {
        if (b.getInt(0) != MAGIC || b.get(4) != kind) {
            throw Errors.of(ErrorCode.ENGINE, "native code returned no block of kind " + kind);
        }
        littleEndian = b;
        bytes = buffer;
        readHeader();
    }

    /** Shows nothing any more. */
    void clear() {
        bytes = null;
        count = 0;
        more = false;
        keyView.invalidate();
        valueView.invalidate();
        if (slice != null) {
            slice.clear();
        }
    }

    /**
     * How many entries the block has.
     *
     * @return the number of entries
     */
    public int size() {
        requireShown();
        return count;
    }

    /**
     * Whether entries follow behind this block: in the block that it was taken from, or in another one.
     *
     * @return true if there are more
     */
    public boolean hasMore() {
        requireShown();
        return more;
    }

    /**
     * The key of an entry.
     *
     * @param i the number of the entry, from 0
     * @return a view at the start of the key, the same object each time, valid until the next call or as long as the block
     * @throws KeybedException CORRUPTION if the block has been damaged
     */
    public DirectInput key(int i) {
        checkEntry(i);
        return keyView.show(bytes, start(i), keyEnd(i));
    }

    /**
     * The value of an entry.
     *
     * @param i the number of the entry, from 0
     * @return a view at the start of the value, the same object each time, valid until the next call or as long as the block
     * @throws KeybedException CORRUPTION if the block has been damaged
     */
    public DirectInput value(int i) {
        checkEntry(i);
        return valueView.show(bytes, keyEnd(i), valueEnd(i));
    }

    /**
     * Some of the entries, which are numbered from 0 again; nothing is copied.
     *
     * @param from the number of the first entry
     * @param to the number behind the last entry
     * @return the same object each time, valid until the next call or as long as this block
     * @throws KeybedException CORRUPTION if the block has been damaged
     */
    public Block slice(int from, int to) {
        requireShown();
        if (slice == null) {
            slice = new Block(session);
        }
        slice.show(this, from, to);
        return slice;
    }

    /**
     * How many bytes {@link #writeTo} writes.
     *
     * @return the number of bytes
     */
    public int sizeInBytes() {
        requireShown();
        return (hasBase() ? LONGEST_HEADER : HEADER) + (payloadEnd - payloadStart) + indexSize();
    }

    /**
     * Writes the block, all of it. Only the header is made for it: keys, values and index go from where they are, in one
     * gathering write if the channel has such and takes it all.
     *
     * <p>The channel gets read-only buffers, which it must not keep.
     *
     * @param channel a channel that blocks
     * @return how many bytes that were
     * @throws IOException as the channel, or if it takes nothing
     * @throws java.nio.channels.IllegalBlockingModeException if the channel does not block
     */
    public int writeTo(WritableByteChannel channel) throws IOException {
        int size = sizeInBytes();
        if (parts == null) {
            parts = new BlockParts();
        }
        ByteBuffer header = parts.header(bytes);
        header.putInt(0, MAGIC).put(4, (byte) kind);
        header.put(5, (byte) ((more ? MORE : 0) | (hasBase() ? SLICE : 0))).put(6, (byte) width);
        header.putInt(8, count).putInt(12, payloadEnd - payloadStart).putInt(16, payloadStart - origin);
        parts.show(hasBase() ? LONGEST_HEADER : HEADER, payloadStart, payloadEnd, indexStart, indexStart + indexSize());
        parts.writeTo(channel);
        return size;
    }

    /**
     * Writes some of the entries as a block: {@code slice(from, to).writeTo(channel)}.
     *
     * @param channel a channel that blocks; a {@link GatheringByteChannel} gets all in one write
     * @param from the number of the first entry
     * @param to the number behind the last entry
     * @return how many bytes that were
     * @throws IOException as the channel, or if it takes nothing
     */
    public int writeTo(WritableByteChannel channel, int from, int to) throws IOException {
        return slice(from, to).writeTo(channel);
    }

    /** As {@link #size()}, 0 when this shows nothing. */
    int count() {
        return count;
    }

    /** As {@link #hasMore()}, false when this shows nothing. */
    boolean more() {
        return more;
    }

    /** Of a block with {@link #more()} and no entry: how large a buffer the next entry needs. */
    long neededCapacity() {
        return Integer.toUnsignedLong(littleEndian.getInt(indexStart + 4));
    }

    /** Where in the buffer entry {@code i} begins, with its key. */
    int start(int i) {
        return i == 0 ? payloadStart : valueEnd(i - 1);
    }

    /** Where the key of entry {@code i} ends and its value begins. */
    int keyEnd(int i) {
        return width == 0 ? payloadStart + i * entrySize + keySize : origin + end(2 * i);
    }

    int valueEnd(int i) {
        return width == 0 ? payloadStart + (i + 1) * entrySize : origin + end(2 * i + 1);
    }

    private int end(int slot) {
        return switch (width) {
            case 1 -> littleEndian.get(indexStart + slot) & 0xFF;
            case 2 -> littleEndian.getShort(indexStart + 2 * slot) & 0xFFFF;
            default -> littleEndian.getInt(indexStart + 4 * slot);
        };
    }

    private void readHeader() {
        ByteBuffer b = littleEndian;
        boolean isSlice = (b.get(5) & SLICE) != 0;
        kind = b.get(4);
        more = (b.get(5) & MORE) != 0;
        width = b.get(6);
        count = b.getInt(8);
        payloadStart = isSlice ? LONGEST_HEADER : HEADER;
        payloadEnd = payloadStart + b.getInt(12);
        origin = isSlice ? payloadStart - b.getInt(16) : payloadStart;
        indexStart = payloadEnd;
        if (width == 0) {
            keySize = b.getInt(indexStart);
            entrySize = keySize + b.getInt(indexStart + 4);
        }
    }

    /** Looks at a block that anybody may have written. */
    private void open(ByteBuffer bytes) {
        ByteBuffer b = littleEndian;
        if (!hasHeader(b) || !hasBody(b)) {
            throw corrupt("not a block, or cut short");
        }
        readHeader();
        if (width != 0 && start(count) != payloadEnd) {
            throw corrupt("a block whose entries do not end where it says");
        }
        this.bytes = bytes;
    }

    private static boolean hasHeader(ByteBuffer b) {
        if (b.capacity() < HEADER || b.getInt(0) != MAGIC || b.get(7) != 0) {
            return false;
        }
        int width = b.get(6);
        int flags = b.get(5);
        if (b.get(4) < 1 || b.get(4) > LARGEST_KIND || (flags & ~(MORE | SLICE)) != 0 || b.getInt(8) < 0) {
            return false;
        }
        boolean slice = (flags & SLICE) != 0;
        return switch (width) {
            case 0 -> !slice;
            case 1, 2, 4 -> !slice || (b.capacity() >= LONGEST_HEADER && b.getInt(16) > 0);
            default -> false;
        };
    }

    private static boolean hasBody(ByteBuffer b) {
        long payloadSize = Integer.toUnsignedLong(b.getInt(12));
        long indexStart = ((b.get(5) & SLICE) != 0 ? LONGEST_HEADER : HEADER) + payloadSize;
        int width = b.get(6);
        long count = b.getInt(8);
        if (width != 0) {
            return indexStart + 2 * width * count <= b.capacity();
        }
        if (indexStart + 8 > b.capacity()) {
            return false;
        }
        long keySize = Integer.toUnsignedLong(b.getInt((int) indexStart));
        long valueSize = Integer.toUnsignedLong(b.getInt((int) indexStart + 4));
        // Of no entry the sizes may be anything; of one and more neither product can overflow.
        if (count == 0) {
            return payloadSize == 0;
        }
        return keySize + valueSize <= payloadSize && count * (keySize + valueSize) == payloadSize;
    }

    /** Shows some entries of {@code whole}. */
    private void show(Block whole, int from, int to) {
        Objects.checkFromToIndex(from, to, whole.count);
        int start = whole.start(from);
        int end = whole.start(to);
        if (start < whole.payloadStart || end < start || whole.payloadEnd < end) {
            throw corrupt("a block whose entries overlap");
        }
        clear();
        bytes = whole.bytes;
        littleEndian = whole.littleEndian;
        kind = whole.kind;
        count = to - from;
        more = from < to && (whole.more || to < whole.count);
        width = whole.width;
        payloadStart = start;
        payloadEnd = end;
        origin = width == 0 ? start : whole.origin;
        indexStart = whole.indexStart + from * 2 * width;
        keySize = whole.keySize;
        entrySize = whole.entrySize;
    }

    private boolean hasBase() {
        return payloadStart != origin;
    }

    private int indexSize() {
        return width == 0 ? 8 : 2 * width * count;
    }

    private void requireShown() {
        if (session != null) {
            session.checkOwner();
        }
        if (bytes == null) {
            throw Errors.of(
                    ErrorCode.CURSOR_INVALID,
                    "this block shows nothing: what it showed has been replaced by a later call, or its owner is closed");
        }
    }

    private void checkEntry(int i) {
        requireShown();
        Objects.checkIndex(i, count);
        int keyEnd = keyEnd(i);
        if (start(i) < payloadStart || keyEnd < start(i) || valueEnd(i) < keyEnd || payloadEnd < valueEnd(i)) {
            throw corrupt("entry " + i + " of the block is not where the index says");
        }
    }

    private static RuntimeException corrupt(String message) {
        return Errors.of(ErrorCode.CORRUPTION, message);
    }
}
