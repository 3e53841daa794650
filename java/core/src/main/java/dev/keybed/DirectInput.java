package dev.keybed;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Reads a key or a value straight from memory that native code has written. Big-endian, as {@link DataInput} says; no
 * method throws a checked exception, and only those that return a new object allocate.
 *
 * <p>This is a view that its owner moves from value to value, so it is valid only as long as its owner says (for {@link
 * State#get()}: until the session's next get, put of bytes, or value()). Used longer, every read throws {@link
 * KeybedStateException} (CURSOR_INVALID); it never shows the bytes of something else. Reading past the end throws {@link
 * BufferUnderflowException} and reads nothing.
 *
 * <p>Belongs to the thread that owns the session, and must not be handed to another; copy what another thread needs. The
 * thread is not checked, which would cost as much as a read: another thread may read bytes that are being replaced, but
 * never memory that is not this session's.
 */
public final class DirectInput implements DataInput {
    /** The limit of a view with nothing to show: less than any position, so that the check for the end finds it. */
    private static final int NOTHING = -1;

    private ByteBuffer bytes;
    private int position;
    private int limit = NOTHING;
    /** How often what is shown has changed: a {@link RecordView} of it is good for one of them. */
    private int shown;

    DirectInput() {}

    /** Shows the bytes from {@code start} to {@code end}. */
    DirectInput show(ByteBuffer bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.limit = end;
        shown++;
        return this;
    }

    /** Shows nothing any more. */
    void invalidate() {
        position = 0;
        limit = NOTHING;
        shown++;
    }

    int shown() {
        return shown;
    }

    /** Where the bytes are that are left, from {@link #position} on. */
    ByteBuffer bytes() {
        return bytes;
    }

    int position() {
        return position;
    }

    /**
     * How many bytes are left to read.
     *
     * @return the number of bytes
     */
    public int remaining() {
        if (limit == NOTHING) {
            throw stale();
        }
        return limit - position;
    }

    /**
     * Copies as many bytes as are left and fit, from here to the target's position, and advances both. Any buffer will
     * do that is not read-only; its byte order does not matter.
     *
     * @param target where the bytes go
     * @return how many were copied
     */
    public int read(ByteBuffer target) {
        int length = Math.min(remaining(), target.remaining());
        target.put(target.position(), bytes, position, length);
        target.position(target.position() + length);
        position += length;
        return length;
    }

    /**
     * Copies what is left to a new array. Allocates.
     *
     * @return the bytes left
     */
    public byte[] readRemaining() {
        byte[] copy = new byte[remaining()];
        readFully(copy);
        return copy;
    }

    /**
     * Moves on without reading.
     *
     * @param n how many bytes, not negative
     * @throws BufferUnderflowException if fewer are left; nothing is skipped
     */
    public void skip(int n) {
        if (n < 0) {
            throw Errors.of(ErrorCode.INVALID_ARGUMENT, "cannot skip " + n + " bytes");
        }
        take(n);
    }

    /**
     * Moves on by {@code n} bytes, or to the end if fewer are left.
     *
     * @param n how many bytes; nothing happens if it is negative
     * @return how many were skipped
     */
    @Override
    public int skipBytes(int n) {
        int length = Math.max(0, Math.min(n, remaining()));
        position += length;
        return length;
    }

    @Override
    public void readFully(byte[] b) {
        readFully(b, 0, b.length);
    }

    @Override
    public void readFully(byte[] b, int off, int len) {
        Objects.checkFromIndexSize(off, len, b.length);
        bytes.get(take(len), b, off, len);
    }

    @Override
    public boolean readBoolean() {
        return readByte() != 0;
    }

    @Override
    public byte readByte() {
        return bytes.get(take(1));
    }

    @Override
    public int readUnsignedByte() {
        return readByte() & 0xFF;
    }

    @Override
    public short readShort() {
        return bytes.getShort(take(Short.BYTES));
    }

    @Override
    public int readUnsignedShort() {
        return readShort() & 0xFFFF;
    }

    @Override
    public char readChar() {
        return (char) readShort();
    }

    @Override
    public int readInt() {
        return bytes.getInt(take(Integer.BYTES));
    }

    @Override
    public long readLong() {
        return bytes.getLong(take(Long.BYTES));
    }

    @Override
    public float readFloat() {
        return Float.intBitsToFloat(readInt());
    }

    @Override
    public double readDouble() {
        return Double.longBitsToDouble(readLong());
    }

    /**
     * Reads what {@link DirectOutput#writeOrderedInt} wrote.
     *
     * @return the number
     */
    public int readOrderedInt() {
        return readInt() ^ Integer.MIN_VALUE;
    }

    /**
     * Reads what {@link DirectOutput#writeOrderedLong} wrote.
     *
     * @return the number
     */
    public long readOrderedLong() {
        return readLong() ^ Long.MIN_VALUE;
    }

    /**
     * Reads the rest as standard UTF-8, what {@link DirectOutput#writeUtf8} wrote. Allocates.
     *
     * @return the string
     */
    public String readUtf8() {
        return new String(readRemaining(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link DirectOutput#writeUTF} wrote. Allocates.
     *
     * @return the string
     * @throws KeybedArgumentException INVALID_ARGUMENT if the bytes are not modified UTF-8
     */
    @Override
    public String readUTF() {
        try {
            return DataInputStream.readUTF(this);
        } catch (IOException e) {
            throw new KeybedArgumentException(ErrorCode.INVALID_ARGUMENT, "not modified UTF-8: " + e.getMessage(), e);
        }
    }

    /**
     * Reads bytes as characters up to the end of a line, as {@link DataInput#readLine} says. Allocates.
     *
     * @return the line without its end, or null if nothing is left
     */
    @Override
    public String readLine() {
        if (remaining() == 0) {
            return null;
        }
        StringBuilder line = new StringBuilder();
        while (position < limit) {
            char c = (char) readUnsignedByte();
            if (c == '\n') {
                break;
            }
            if (c == '\r') {
                if (position < limit && bytes.get(position) == '\n') {
                    position++;
                }
                break;
            }
            line.append(c);
        }
        return line.toString();
    }

    /** Takes {@code size} bytes; returns where they begin. */
    private int take(int size) {
        int at = position;
        if (limit - at < size) {
            throw limit == NOTHING ? stale() : new BufferUnderflowException();
        }
        position = at + size;
        return at;
    }

    static RuntimeException stale() {
        return Errors.of(
                ErrorCode.CURSOR_INVALID,
                "this view shows nothing: what it showed has been replaced by a later call, or its owner is closed");
    }
}
