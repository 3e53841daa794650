package dev.keybed.flink;

import dev.keybed.DirectOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What Flink's serializers write to: the memory of a {@link DirectOutput}, which native code sees. Writes the bytes of
 * Flink's {@code DataOutputSerializer}, and allocates nothing.
 *
 * <p>One for a session, for keys, namespaces and values alike: it is moved to another output by {@link #to}.
 */
final class DirectOutputView implements DataOutputView {
    private static final int LARGEST_UTF = 0xFFFF;

    private DirectOutput out;
    /** For copies from views that are no memory of ours; made at first use. */
    private byte[] chunk;

    /** Goes on writing to {@code out}. */
    DirectOutputView to(DirectOutput out) {
        this.out = out;
        return this;
    }

    @Override
    public void skipBytesToWrite(int numBytes) throws IOException {
        if (numBytes < 0) {
            throw new EOFException("Could not skip " + numBytes + " bytes.");
        }
        for (int i = 0; i < numBytes; i++) {
            out.write(0);
        }
    }

    @Override
    public void write(DataInputView source, int numBytes) throws IOException {
        if (chunk == null) {
            chunk = new byte[4096];
        }
        for (int left = numBytes; left > 0; ) {
            int length = Math.min(left, chunk.length);
            source.readFully(chunk, 0, length);
            out.write(chunk, 0, length);
            left -= length;
        }
    }

    @Override
    public void write(int b) {
        out.write(b);
    }

    @Override
    public void write(byte[] b) {
        out.write(b);
    }

    @Override
    public void write(byte[] b, int off, int len) {
        out.write(b, off, len);
    }

    @Override
    public void writeBoolean(boolean v) {
        out.writeBoolean(v);
    }

    @Override
    public void writeByte(int v) {
        out.write(v);
    }

    @Override
    public void writeShort(int v) {
        out.writeShort(v);
    }

    @Override
    public void writeChar(int v) {
        out.writeShort(v);
    }

    @Override
    public void writeInt(int v) {
        out.writeInt(v);
    }

    @Override
    public void writeLong(long v) {
        out.writeLong(v);
    }

    @Override
    public void writeFloat(float v) {
        out.writeFloat(v);
    }

    @Override
    public void writeDouble(double v) {
        out.writeDouble(v);
    }

    @Override
    public void writeBytes(String s) {
        out.writeBytes(s);
    }

    @Override
    public void writeChars(String s) {
        out.writeChars(s);
    }

    @Override
    public void writeUTF(String s) throws IOException {
        if (modifiedLength(s) > LARGEST_UTF) {
            throw new UTFDataFormatException("Encoded string is too long: " + modifiedLength(s));
        }
        out.writeUTF(s);
    }

    private static long modifiedLength(String s) {
        long length = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            length += c >= 1 && c <= 0x7F ? 1 : c > 0x7FF ? 3 : 2;
        }
        return length;
    }
}
