package dev.keybed.flink;

import dev.keybed.DirectInput;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.Objects;
import org.apache.flink.core.memory.DataInputView;

/**
 * What Flink's serializers read from: the memory of a {@link DirectInput}, which native code has written. Where Flink's
 * views throw {@link EOFException} this one does. Allocates nothing but what is read.
 *
 * <p>One for a session: it is moved to another input by {@link #of}.
 */
final class DirectInputView implements DataInputView {
    private DirectInput in;

    /** Goes on reading from {@code in}. */
    DirectInputView of(DirectInput in) {
        this.in = in;
        return this;
    }

    /** How many bytes are left. */
    int available() {
        return in.remaining();
    }

    @Override
    public void skipBytesToRead(int numBytes) throws IOException {
        if (numBytes < 0 || numBytes > in.remaining()) {
            throw new EOFException("Could not skip " + numBytes + " bytes.");
        }
        in.skip(numBytes);
    }

    @Override
    public int read(byte[] b, int off, int len) {
        Objects.checkFromIndexSize(off, len, b.length);
        int left = in.remaining();
        if (left == 0) {
            return len == 0 ? 0 : -1;
        }
        int length = Math.min(len, left);
        in.readFully(b, off, length);
        return length;
    }

    @Override
    public int read(byte[] b) {
        return read(b, 0, b.length);
    }

    @Override
    public void readFully(byte[] b) throws IOException {
        readFully(b, 0, b.length);
    }

    @Override
    public void readFully(byte[] b, int off, int len) throws IOException {
        try {
            in.readFully(b, off, len);
        } catch (BufferUnderflowException e) {
            throw end();
        }
    }

    @Override
    public int skipBytes(int n) {
        return in.skipBytes(n);
    }

    @Override
    public boolean readBoolean() throws IOException {
        return readByte() != 0;
    }

    @Override
    public byte readByte() throws IOException {
        try {
            return in.readByte();
        } catch (BufferUnderflowException e) {
            throw end();
        }
    }

    @Override
    public int readUnsignedByte() throws IOException {
        return readByte() & 0xFF;
    }

    @Override
    public short readShort() throws IOException {
        try {
            return in.readShort();
        } catch (BufferUnderflowException e) {
            throw end();
        }
    }

    @Override
    public int readUnsignedShort() throws IOException {
        return readShort() & 0xFFFF;
    }

    @Override
    public char readChar() throws IOException {
        return (char) readShort();
    }

    @Override
    public int readInt() throws IOException {
        try {
            return in.readInt();
        } catch (BufferUnderflowException e) {
            throw end();
        }
    }

    @Override
    public long readLong() throws IOException {
        try {
            return in.readLong();
        } catch (BufferUnderflowException e) {
            throw end();
        }
    }

    @Override
    public float readFloat() throws IOException {
        return Float.intBitsToFloat(readInt());
    }

    @Override
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(readLong());
    }

    @Override
    public String readLine() {
        return in.readLine();
    }

    @Override
    public String readUTF() throws IOException {
        return DataInputStream.readUTF(this);
    }

    private static EOFException end() {
        return new EOFException("the value ends before what is read");
    }
}
