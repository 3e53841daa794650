package dev.keybed;

import java.util.Objects;

/**
 * A string or a run of bytes of a record, where it lies: to compare or copy it without making a {@link String} or an array.
 * A view to be used again and again; it shows what an accessor of a record has moved it to.
 *
 * <p>{@link Object#equals} and {@link Object#hashCode} are those of the view, not of what it shows.
 */
public final class RecordBytes extends RecordMemory implements Comparable<RecordBytes> {
    private static final byte[] NOTHING = new byte[0];

    private int at;
    private int length;

    /** A view of nothing yet: no bytes. */
    public RecordBytes() {
        array = NOTHING;
    }

    RecordBytes show(RecordMemory memory, int at, int length) {
        share(memory);
        this.at = at;
        this.length = length;
        return this;
    }

    /**
     * How many bytes there are; of a string, of its UTF-8.
     *
     * @return the number of bytes
     */
    public int length() {
        return length;
    }

    /**
     * One of them.
     *
     * @param index from 0
     * @return the byte
     */
    public byte byteAt(int index) {
        Objects.checkIndex(index, length);
        return read(at + index);
    }

    /**
     * Whether these are the same bytes.
     *
     * @param other bytes
     * @return whether they are equal
     */
    public boolean contentEquals(byte[] other) {
        return equal(at, length, other);
    }

    /**
     * Whether these are the same bytes.
     *
     * @param other bytes of a record, of this or another
     * @return whether they are equal
     */
    public boolean contentEquals(RecordBytes other) {
        return equal(at, length, other, other.at, other.length);
    }

    /**
     * Whether these bytes are the UTF-8 of some text.
     *
     * @param other text
     * @return whether it is equal
     */
    public boolean contentEquals(CharSequence other) {
        return RecordText.equal(this, at, length, other);
    }

    /** Compares byte by byte, as unsigned numbers; of strings that is the order of their code points. */
    @Override
    public int compareTo(RecordBytes other) {
        int common = Math.min(length, other.length);
        for (int i = 0; i < common; i++) {
            int difference = (read(at + i) & 0xFF) - (other.read(other.at + i) & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return length - other.length;
    }

    /**
     * Copies all bytes.
     *
     * @param target where they go
     * @param offset where the first goes
     * @return how many there were
     */
    public int copyTo(byte[] target, int offset) {
        Objects.checkFromIndexSize(offset, length, target.length);
        copy(at, target, offset, length);
        return length;
    }

    /**
     * Copies all bytes to a new array. Allocates.
     *
     * @return the bytes
     */
    public byte[] toByteArray() {
        byte[] bytes = new byte[length];
        copy(at, bytes, 0, length);
        return bytes;
    }

    /**
     * The text whose UTF-8 these bytes are. Allocates.
     *
     * @throws KeybedException CORRUPTION if they are not UTF-8
     */
    @Override
    public String toString() {
        return length == 0 ? "" : RecordText.decode(this, at, length, NOTHING);
    }
}
