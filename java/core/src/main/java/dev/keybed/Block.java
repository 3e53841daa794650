package dev.keybed;

import java.nio.ByteBuffer;

/**
 * Reads the one block layout that scans and multi-gets use; all numbers are little-endian.
 *
 * <pre>
 *   0     u32  magic "KBB1"
 *   4     u8   kind: 1 scan, 2 multi-get, 4 changes
 *   5     u8   flags: bit 0 MORE = this is not the end
 *   6     u8   width W of the index: 1, 2, 4; 0 = all entries have the same size
 *   7     u8   zero
 *   8     u32  count of entries
 *   12    u32  length P of the payload
 *   16         payload: key, value, key, value...
 *   16+P       index, W > 0: key end, value end of each entry, W bytes each, from the payload's start
 *                     W = 0: u32 length of every key, u32 length of every value
 * </pre>
 *
 * A block with MORE and no entry says in the last u32 of its index how large a buffer the next entry needs.
 */
final class Block {
    static final int SCAN = 1;
    static final int MULTI_GET = 2;
    static final int CHANGES = 4;

    private static final int MAGIC = 0x3142424B;
    private static final int HEADER = 16;
    private static final int MORE = 1;

    private ByteBuffer littleEndian;
    private int count;
    private boolean more;
    private int width;
    private int indexStart;
    /** Sizes of every key and of every entry, when the width is 0. */
    private int keySize;
    private int entrySize;

    /** Looks at the block that native code has written to the start of {@code b}, a little-endian buffer. */
    void read(ByteBuffer b, int kind) {
        if (b.getInt(0) != MAGIC || b.get(4) != kind) {
            throw Errors.of(ErrorCode.ENGINE, "native code returned no block of kind " + kind);
        }
        littleEndian = b;
        more = (b.get(5) & MORE) != 0;
        width = b.get(6);
        count = b.getInt(8);
        indexStart = HEADER + b.getInt(12);
        if (width == 0) {
            keySize = b.getInt(indexStart);
            entrySize = keySize + b.getInt(indexStart + 4);
        }
    }

    /** No entries, and no more to come. */
    void clear() {
        count = 0;
        more = false;
    }

    int count() {
        return count;
    }

    boolean more() {
        return more;
    }

    /** Of a block with {@link #more()} and no entry: how large a buffer the next entry needs. */
    long neededCapacity() {
        return Integer.toUnsignedLong(littleEndian.getInt(indexStart + 4));
    }

    /** Where in the buffer entry {@code i} begins, with its key. */
    int start(int i) {
        return i == 0 ? HEADER : valueEnd(i - 1);
    }

    /** Where the key of entry {@code i} ends and its value begins. */
    int keyEnd(int i) {
        return HEADER + (width == 0 ? i * entrySize + keySize : end(2 * i));
    }

    int valueEnd(int i) {
        return HEADER + (width == 0 ? (i + 1) * entrySize : end(2 * i + 1));
    }

    private int end(int slot) {
        return switch (width) {
            case 1 -> littleEndian.get(indexStart + slot) & 0xFF;
            case 2 -> littleEndian.getShort(indexStart + 2 * slot) & 0xFFFF;
            default -> littleEndian.getInt(indexStart + 4 * slot);
        };
    }
}
