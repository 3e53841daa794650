package dev.keybed;

import java.nio.ByteBuffer;

/**
 * What the value buffer of a session holds: a value on its way in, the last one that was read, or nothing. Whatever
 * comes next makes the last one unusable, so that neither a kept view nor a forgotten value() can show or store the
 * bytes of something else.
 */
final class CurrentValue {
    private static final int NO_VALUE = -1;

    private final SharedBuffer buffer;
    private final DirectOutput output;
    private final int largest;

    /** The view of the value that was read last, as long as it is in the buffer; else null. */
    private DirectInput view;

    private boolean open;
    /** Length of the value to be stored, or {@link #NO_VALUE}. */
    private int length = NO_VALUE;

    CurrentValue(SharedBuffer buffer, int largest) {
        this.buffer = buffer;
        this.output = new DirectOutput(buffer, largest, ErrorCode.VALUE_TOO_LARGE);
        this.largest = largest;
    }

    /** Begins a new value. */
    DirectOutput begin() {
        clear();
        open = true;
        return output.open(0);
    }

    /** Makes the buffer's bytes, from position to limit, the value; leaves its position. */
    void set(ByteBuffer source) {
        int size = source.remaining();
        makeRoom(size);
        buffer.bytes().put(0, source, source.position(), size);
        length = size;
    }

    void set(byte[] source) {
        makeRoom(source.length);
        buffer.bytes().put(0, source);
        length = source.length;
    }

    /** Seals the value for an operation; returns its length. It stays the value until something else comes. */
    int argument() {
        if (open) {
            open = false;
            length = output.seal();
        }
        if (length == NO_VALUE) {
            throw Errors.of(
                    ErrorCode.CURSOR_INVALID,
                    "no value: call value() and write it; a get, or a value too large, drops what was there");
        }
        return length;
    }

    /** Nothing is in the buffer from now on. */
    void clear() {
        if (view != null) {
            view.invalidate();
            view = null;
        }
        if (open) {
            output.seal();
            open = false;
        }
        length = NO_VALUE;
    }

    /** Shows a value that native code has put into the buffer. */
    DirectInput show(DirectInput view, int size) {
        this.view = view;
        return view.show(buffer.bytes(), 0, size);
    }

    /**
     * Copies a value that native code has put into the buffer to the target's position and sets its limit behind it.
     * Absolute access throughout: the target's position and byte order stay.
     */
    void copyTo(ByteBuffer target, int size) {
        int position = target.position();
        if (target.remaining() < size) {
            throw Errors.of(
                    ErrorCode.BUFFER_TOO_SMALL,
                    "the value needs " + size + " bytes, the target has room for " + target.remaining());
        }
        target.put(position, buffer.bytes(), 0, size);
        target.limit(position + size);
    }

    void copyTo(byte[] target) {
        buffer.bytes().get(0, target);
    }

    /** The number that native code has put into the buffer. */
    long number() {
        return buffer.bytes().getLong(0);
    }

    int capacity() {
        return buffer.capacity();
    }

    /** Makes room for a value that is read. It may be larger than one that may be written: a list grows. */
    void growForReading(int size) {
        buffer.grow(size, 0, Integer.MAX_VALUE);
    }

    private void makeRoom(int size) {
        clear();
        if (size > largest) {
            throw Errors.of(
                    ErrorCode.VALUE_TOO_LARGE, "a value of " + size + " bytes does not fit: the store's limit is " + largest);
        }
        if (size > buffer.capacity()) {
            buffer.grow(size, 0, largest);
        }
    }
}
