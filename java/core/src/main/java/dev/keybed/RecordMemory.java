package dev.keybed;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The bytes that a view of a record may read: a range of an array, or of a direct buffer.
 *
 * <p>Invariant: {@code start <= end}, and the range lies within the array or buffer. Whoever reads has checked that it
 * reads within the range; the array or buffer checks that it is read within itself.
 */
abstract class RecordMemory {
    private static final VarHandle ARRAY_SHORTS = arrays(short[].class);
    private static final VarHandle ARRAY_INTS = arrays(int[].class);
    private static final VarHandle ARRAY_LONGS = arrays(long[].class);
    private static final VarHandle BUFFER_SHORTS = buffers(short[].class);
    private static final VarHandle BUFFER_INTS = buffers(int[].class);
    private static final VarHandle BUFFER_LONGS = buffers(long[].class);

    /** Null if the bytes are in {@link #buffer}. */
    byte[] array;
    /** With no limit but its capacity; nobody else has it. */
    ByteBuffer buffer;
    /** What the bytes were borrowed from, and what it showed then; null if they were not. */
    DirectInput source;

    int shown;
    int start;
    int end;

    private static VarHandle arrays(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
    }

    private static VarHandle buffers(Class<?> type) {
        return MethodHandles.byteBufferViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
    }

    /** The same bytes as another view reads. */
    final void share(RecordMemory other) {
        array = other.array;
        buffer = other.buffer;
        source = other.source;
        shown = other.shown;
        start = other.start;
        end = other.end;
    }

    final byte read(int at) {
        byte[] bytes = array;
        return bytes != null ? bytes[at] : buffer().get(at);
    }

    final short readShort(int at) {
        byte[] bytes = array;
        return bytes != null ? (short) ARRAY_SHORTS.get(bytes, at) : (short) BUFFER_SHORTS.get(buffer(), at);
    }

    final int readInt(int at) {
        byte[] bytes = array;
        return bytes != null ? (int) ARRAY_INTS.get(bytes, at) : (int) BUFFER_INTS.get(buffer(), at);
    }

    final long readLong(int at) {
        byte[] bytes = array;
        return bytes != null ? (long) ARRAY_LONGS.get(bytes, at) : (long) BUFFER_LONGS.get(buffer(), at);
    }

    /** The buffer, if there is one and it still holds what was wrapped. */
    private ByteBuffer buffer() {
        if (source != null && source.shown() != shown) {
            throw DirectInput.stale();
        }
        if (buffer == null) {
            throw Errors.of(ErrorCode.CURSOR_INVALID, "this view wraps nothing yet");
        }
        return buffer;
    }

    final void copy(int at, byte[] target, int offset, int length) {
        if (array != null) {
            System.arraycopy(array, at, target, offset, length);
        } else {
            buffer().get(at, target, offset, length);
        }
    }

    final boolean equal(int at, int length, byte[] other) {
        if (length != other.length) {
            return false;
        }
        if (array != null) {
            return Arrays.equals(array, at, at + length, other, 0, length);
        }
        ByteBuffer bytes = buffer();
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if ((long) BUFFER_LONGS.get(bytes, at + i) != (long) ARRAY_LONGS.get(other, i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (bytes.get(at + i) != other[i]) {
                return false;
            }
        }
        return true;
    }

    final boolean equal(int at, int length, RecordMemory other, int otherAt, int otherLength) {
        if (length != otherLength) {
            return false;
        }
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if (readLong(at + i) != other.readLong(otherAt + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (read(at + i) != other.read(otherAt + i)) {
                return false;
            }
        }
        return true;
    }
}
