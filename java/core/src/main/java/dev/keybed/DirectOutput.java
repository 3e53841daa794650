package dev.keybed;

import java.io.DataOutput;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Writes one part of a key, or a value, straight into memory that native code sees. Big-endian, as {@link DataOutput}
 * says; no method throws a checked exception and none allocates (the memory grows by doubling when it must).
 *
 * <p>A session has one output for each part and hands it out again and again. It can be written to until the next
 * operation (get, put, delete...) or the next call that begins another part; from then on every write throws {@link
 * KeybedStateException} (CURSOR_INVALID) until the session hands it out anew. A write that would exceed the store's
 * limit throws {@link KeybedArgumentException} (KEY_TOO_LARGE or VALUE_TOO_LARGE) and drops the whole key or value: the
 * next operation fails instead of using it half-written.
 *
 * <p>Belongs to the thread that owns the session, and must not be handed to another. Where a write only moves bytes, a
 * check of the thread would cost as much as the write, so there is none: what another thread writes here ends up in the
 * owner's key or value, but never outside of it. Whatever makes the memory grow is refused there (WRONG_THREAD).
 */
public final class DirectOutput implements DataOutput {
    /** The limit of a sealed output: less than any position, so that the check for room finds it at no cost. */
    private static final int SEALED = -1;

    private final SharedBuffer buffer;
    private final int largest;
    private final ErrorCode tooLarge;
    private ByteBuffer bytes;
    private int start;
    private int position;
    private int limit = SEALED;
    private boolean dropped;

    /**
     * @param largest the last position this output may reach
     * @param tooLarge the error of going further
     */
    DirectOutput(SharedBuffer buffer, int largest, ErrorCode tooLarge) {
        this.buffer = buffer;
        this.largest = largest;
        this.tooLarge = tooLarge;
    }

    /** Begins a part at {@code start}. */
    DirectOutput open(int start) {
        this.bytes = buffer.bytes();
        this.start = start;
        this.position = start;
        this.limit = Math.min(bytes.capacity(), largest);
        this.dropped = false;
        return this;
    }

    /** Ends the part; returns how many bytes it has, or -1 if it was dropped for being too large. */
    int seal() {
        limit = SEALED;
        return dropped ? -1 : position - start;
    }

    /**
     * How many bytes have been written to this part.
     *
     * @return the number of bytes
     */
    public int position() {
        return position - start;
    }

    @Override
    public void write(int b) {
        int at = claim(1);
        bytes.put(at, (byte) b);
    }

    @Override
    public void write(byte[] b) {
        write(b, 0, b.length);
    }

    @Override
    public void write(byte[] b, int off, int len) {
        Objects.checkFromIndexSize(off, len, b.length);
        int at = claim(len);
        bytes.put(at, b, off, len);
    }

    /**
     * Writes what the buffer holds from its position to its limit, and advances its position. Any buffer will do; its
     * byte order does not matter.
     *
     * @param source the bytes
     */
    public void write(ByteBuffer source) {
        int length = source.remaining();
        int at = claim(length);
        bytes.put(at, source, source.position(), length);
        source.position(source.limit());
    }

    @Override
    public void writeBoolean(boolean v) {
        write(v ? 1 : 0);
    }

    @Override
    public void writeByte(int v) {
        write(v);
    }

    @Override
    public void writeShort(int v) {
        int at = claim(Short.BYTES);
        bytes.putShort(at, (short) v);
    }

    @Override
    public void writeChar(int v) {
        writeShort(v);
    }

    @Override
    public void writeInt(int v) {
        int at = claim(Integer.BYTES);
        bytes.putInt(at, v);
    }

    @Override
    public void writeLong(long v) {
        int at = claim(Long.BYTES);
        bytes.putLong(at, v);
    }

    @Override
    public void writeFloat(float v) {
        writeInt(Float.floatToIntBits(v));
    }

    @Override
    public void writeDouble(double v) {
        writeLong(Double.doubleToLongBits(v));
    }

    /**
     * Writes four bytes whose unsigned order is the order of the numbers: big-endian with the sign bit flipped. Scans of
     * {@link KeyEncoding#ORDERED} stores then run in numeric order.
     *
     * @param v the number
     */
    public void writeOrderedInt(int v) {
        writeInt(v ^ Integer.MIN_VALUE);
    }

    /**
     * Writes eight bytes whose unsigned order is the order of the numbers: big-endian with the sign bit flipped.
     *
     * @param v the number
     */
    public void writeOrderedLong(long v) {
        writeLong(v ^ Long.MIN_VALUE);
    }

    @Override
    public void writeBytes(String s) {
        int length = s.length();
        int at = claim(length);
        for (int i = 0; i < length; i++) {
            bytes.put(at + i, (byte) s.charAt(i));
        }
    }

    @Override
    public void writeChars(String s) {
        int length = s.length();
        for (int i = 0; i < length; i++) {
            writeShort(s.charAt(i));
        }
    }

    /**
     * Writes a length of two bytes, then the string in modified UTF-8, as {@link DataOutput#writeUTF} says.
     *
     * @param s the string
     * @throws KeybedArgumentException INVALID_ARGUMENT if the string needs more than 65,535 bytes; the part is dropped
     */
    @Override
    public void writeUTF(String s) {
        long length = Utf8.modifiedLength(s);
        if (length > 0xFFFF) {
            drop();
            throw Errors.of(
                    ErrorCode.INVALID_ARGUMENT, "writeUTF holds 65535 bytes, the string needs " + length + "; use writeUtf8");
        }
        int at = claim(Short.BYTES + (int) length);
        bytes.putShort(at, (short) length);
        Utf8.putModified(s, bytes, at + Short.BYTES);
    }

    /**
     * Writes the string in standard UTF-8 and nothing else, equal to {@code s.getBytes(UTF_8)} without the array.
     *
     * @param s the string
     */
    public void writeUtf8(String s) {
        long length = Utf8.length(s);
        int at = claim(length);
        Utf8.put(s, bytes, at);
    }

    /** Takes {@code size} bytes; returns where they begin. Must be called before {@code bytes} is read: it may grow. */
    private int claim(long size) {
        int at = position;
        if (limit - at < size) {
            makeRoom(size);
        }
        position = at + (int) size;
        return at;
    }

    private void makeRoom(long size) {
        if (limit == SEALED) {
            throw Errors.of(
                    ErrorCode.CURSOR_INVALID,
                    "this output is sealed: an operation has used what it wrote, or another part was begun;"
                            + " ask the session for it again");
        }
        long needed = position + size;
        drop();
        if (needed > largest) {
            throw Errors.of(tooLarge, needed + " bytes do not fit: the store's limit is " + largest);
        }
        buffer.grow(needed, position, largest);
        // It worked: take the drop back.
        dropped = false;
        bytes = buffer.bytes();
        limit = Math.min(bytes.capacity(), largest);
    }

    /** After a write that failed, what was written before it must not pass for the whole. */
    private void drop() {
        buffer.checkOwner();
        limit = SEALED;
        dropped = true;
    }
}
