package dev.keybed;

import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * Reads a record, an archive that Rust wrote, where it lies: the super class of the classes that {@code
 * keybed::value::record::java} generates, one for each record. A view to be used again and again: wrap the bytes of a
 * record, read some fields, wrap the next.
 *
 * <pre>{@code
 * DirectoryInfo info = new DirectoryInfo();      // once
 * info.wrap(state.get());                        // what a state has shown; or an array, or a direct buffer
 * if (info.nameEquals("a name")) ...             // nothing is decoded, nothing is allocated
 * }</pre>
 *
 * <p>The bytes are the caller's and are not copied: whoever changes them changes what is read. A view of a {@link
 * DirectInput} is valid as long as that is, and throws {@link KeybedStateException} (CURSOR_INVALID) afterwards. Belongs to
 * one thread at a time.
 *
 * <p>Whatever the bytes are, nothing outside of what was wrapped is read. Bytes that are not such a record throw {@link
 * KeybedException} (CORRUPTION), from {@code wrap} or when the field is read; not all damage can be found this way.
 *
 * <p>Reading a field allocates nothing, except strings and arrays, and the view of a nested record the first time.
 */
public abstract class RecordView extends RecordMemory {
    private final int size;
    private int at;
    /** The buffer that {@link #buffer} is a duplicate of: the same one is not duplicated again. */
    private ByteBuffer wrapped;
    private byte[] scratch;

    /**
     * A view of nothing yet.
     *
     * @param size of the record itself, without what it points to
     */
    protected RecordView(int size) {
        this.size = size;
    }

    /**
     * Moves to the record that is all of an array.
     *
     * @param bytes the record
     */
    public final void wrap(byte[] bytes) {
        wrap(bytes, 0, bytes.length);
    }

    /**
     * Moves to the record that is part of an array.
     *
     * @param bytes where the record is
     * @param offset where it begins
     * @param length how many bytes it has
     */
    public final void wrap(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        range(offset, length);
        array = bytes;
        source = null;
    }

    /**
     * Moves to the record from the position of a buffer to its limit. Neither matters afterwards, nor does the byte order.
     *
     * @param bytes a direct buffer, or any other
     */
    public final void wrap(ByteBuffer bytes) {
        wrap(bytes, bytes.position(), bytes.remaining());
    }

    /**
     * Moves to the record that is part of a buffer.
     *
     * @param bytes a direct buffer, or any other
     * @param offset where it begins, from the start of the buffer
     * @param length how many bytes it has
     */
    public final void wrap(ByteBuffer bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.limit());
        if (bytes.hasArray()) {
            wrap(bytes.array(), bytes.arrayOffset() + offset, length);
            return;
        }
        range(offset, length);
        show(bytes);
        source = null;
    }

    /**
     * Moves to the record that is what is left of a value that a state has shown; reads it where it is.
     *
     * @param value what a get, a multi-get or a cursor has returned
     */
    public final void wrap(DirectInput value) {
        range(value.position(), value.remaining());
        show(value.bytes());
        source = value;
        shown = value.shown();
    }

    private void show(ByteBuffer bytes) {
        if (wrapped != bytes) {
            buffer = bytes.duplicate().clear();
            wrapped = bytes;
        }
        array = null;
    }

    private void range(int offset, int length) {
        if (length < size) {
            throw damaged("it has " + length + " bytes, of " + size + " at least");
        }
        start = offset;
        end = offset + length;
        at = end - size;
    }

    /**
     * Where a field is.
     *
     * @param offset of the field in the record
     * @return its position, for one of the methods below
     */
    protected final int field(int offset) {
        return at + offset;
    }

    /**
     * Where the value of an optional field is.
     *
     * @param offset of the field in the record
     * @param valueOffset of the value in the field
     * @return its position, or -1 if it is absent
     */
    protected final int optional(int offset, int valueOffset) {
        int tag = read(at + offset);
        if ((tag & ~1) != 0) {
            throw damaged("an optional field begins with " + (tag & 0xFF));
        }
        return tag == 0 ? -1 : at + offset + valueOffset;
    }

    /**
     * Where the value of an optional field is that is wanted.
     *
     * @param offset of the field in the record
     * @param valueOffset of the value in the field
     * @param name of the field
     * @return its position
     * @throws NoSuchElementException if it is absent
     */
    protected final int present(int offset, int valueOffset, String name) {
        int value = optional(offset, valueOffset);
        if (value < 0) {
            throw new NoSuchElementException(name + " is absent");
        }
        return value;
    }

    /**
     * How many elements a list has.
     *
     * @param position of the list
     * @param stride size of an element
     * @return their number
     */
    protected final int size(int position, int stride) {
        return size(position, stride, readLong(position));
    }

    /** A list is the distance to its first element, from itself, and the number of elements: 32 bits each. */
    private int size(int position, int stride, long word) {
        long count = word >>> Integer.SIZE;
        if (count != 0) {
            long first = position + (long) (int) word;
            if (first < start || first + count * stride > end) {
                throw damaged("a list of " + count + " elements is not within it");
            }
        }
        return (int) count;
    }

    /**
     * Where an element of a list is.
     *
     * @param position of the list
     * @param stride size of an element
     * @param index of the element
     * @return its position
     * @throws IndexOutOfBoundsException if there is no such element
     */
    protected final int element(int position, int stride, int index) {
        long word = readLong(position);
        Objects.checkIndex(index, size(position, stride, word));
        return position + (int) word + index * stride;
    }

    /**
     * Moves a view to a nested record.
     *
     * @param <R> its type
     * @param position of the record
     * @param view of its type
     * @return the view
     */
    protected final <R extends RecordView> R nested(int position, R view) {
        RecordView other = view;
        other.share(this);
        other.at = position;
        other.wrapped = null;
        return view;
    }

    /**
     * Reads a boolean.
     *
     * @param position of it
     * @return its value
     */
    protected final boolean bool(int position) {
        int value = read(position);
        if ((value & ~1) != 0) {
            throw damaged("a boolean is " + (value & 0xFF));
        }
        return value != 0;
    }

    /**
     * Reads 8 bits.
     *
     * @param position of them
     * @return as a signed number
     */
    protected final byte int8(int position) {
        return read(position);
    }

    /**
     * Reads 16 bits.
     *
     * @param position of them
     * @return as a signed number
     */
    protected final short int16(int position) {
        return readShort(position);
    }

    /**
     * Reads 32 bits.
     *
     * @param position of them
     * @return as a signed number
     */
    protected final int int32(int position) {
        return readInt(position);
    }

    /**
     * Reads 64 bits.
     *
     * @param position of them
     * @return as a signed number
     */
    protected final long int64(int position) {
        return readLong(position);
    }

    /**
     * Reads an enum.
     *
     * @param <E> its type
     * @param position of it
     * @param byTag its constants by their tags, null where there is none
     * @return the constant
     */
    protected final <E extends Enum<E>> E choice(int position, E[] byTag) {
        int tag = read(position) & 0xFF;
        E found = tag < byTag.length ? byTag[tag] : null;
        if (found == null) {
            throw damaged(tag + " is none of " + byTag.getClass().getComponentType().getSimpleName());
        }
        return found;
    }

    /**
     * Decodes a string. Allocates.
     *
     * @param position of it
     * @return the string
     */
    protected final String text(int position) {
        long word = readLong(position);
        int length = RecordText.length(word);
        int start = RecordText.start(this, position, word, length);
        if (array == null && scratch == null) {
            scratch = RecordText.newScratch();
        }
        return RecordText.decode(this, start, length, scratch);
    }

    /**
     * Moves a view to the bytes of a string.
     *
     * @param position of it
     * @param view of bytes
     * @return the view
     */
    protected final RecordBytes text(int position, RecordBytes view) {
        long word = readLong(position);
        int length = RecordText.length(word);
        return view.show(this, RecordText.start(this, position, word, length), length);
    }

    /**
     * Compares a string.
     *
     * @param position of it
     * @param other text
     * @return whether they are equal
     */
    protected final boolean textEquals(int position, CharSequence other) {
        long word = readLong(position);
        int length = RecordText.length(word);
        return RecordText.equal(this, RecordText.start(this, position, word, length), length, other);
    }

    /**
     * Compares a string.
     *
     * @param position of it
     * @param utf8 text as UTF-8
     * @return whether they are equal
     */
    protected final boolean textEquals(int position, byte[] utf8) {
        long word = readLong(position);
        int length = RecordText.length(word);
        return equal(RecordText.start(this, position, word, length), length, utf8);
    }

    /**
     * Copies bytes to a new array. Allocates.
     *
     * @param position of the list of bytes
     * @return the bytes
     */
    protected final byte[] bytes(int position) {
        long word = readLong(position);
        byte[] bytes = new byte[size(position, 1, word)];
        copy(firstByte(position, word), bytes, 0, bytes.length);
        return bytes;
    }

    /**
     * Moves a view to bytes.
     *
     * @param position of the list of bytes
     * @param view of bytes
     * @return the view
     */
    protected final RecordBytes bytes(int position, RecordBytes view) {
        long word = readLong(position);
        int length = size(position, 1, word);
        return view.show(this, firstByte(position, word), length);
    }

    /**
     * Compares bytes.
     *
     * @param position of the list of bytes
     * @param other bytes
     * @return whether they are equal
     */
    protected final boolean bytesEqual(int position, byte[] other) {
        long word = readLong(position);
        int length = size(position, 1, word);
        return equal(firstByte(position, word), length, other);
    }

    /** Of no bytes the distance is not checked, and may be anything. */
    private int firstByte(int position, long word) {
        return word >>> Integer.SIZE == 0 ? start : position + (int) word;
    }

    static RuntimeException damaged(String what) {
        return Errors.of(ErrorCode.CORRUPTION, "these bytes are not such a record: " + what);
    }
}
