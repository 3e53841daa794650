package dev.keybed;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Strings in records: 8 bytes at the place of the string, read as one little-endian word.
 *
 * <pre>
 *   8 bytes or fewer: | UTF-8 | 0xFF to the end of the word |            the first byte is never 10xxxxxx
 *   more:             | length, 32 bits | distance, 32 bits, signed |    to the UTF-8, from the start of the word
 *                       bits 0-5 of the length, 10, bits 6-29
 * </pre>
 */
final class RecordText {
    private static final int INLINE = Long.BYTES;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    /** Of the array that text from a buffer is copied to on its way to a string; longer text gets one of its own. */
    private static final int SCRATCH = 256;

    private RecordText() {}

    private static boolean isInline(long word) {
        return (word & 0xC0) != 0x80;
    }

    /** How many bytes the text has. */
    static int length(long word) {
        if (!isInline(word)) {
            int bits = (int) word;
            return bits & 0x3F | (bits & ~0xFF) >>> 2;
        }
        // The first byte that is 0xFF, which UTF-8 never has: the first that is zero in the complement.
        long ends = (~word - LOW_BITS) & word & HIGH_BITS;
        return ends == 0 ? INLINE : Long.numberOfTrailingZeros(ends) >>> 3;
    }

    /** Where the text is whose word is at {@code at}, once that lies within the range. */
    static int start(RecordMemory memory, int at, long word, int length) {
        if (isInline(word)) {
            return at;
        }
        long start = (long) at + (word >> Integer.SIZE);
        if (length <= INLINE || start < memory.start || start + length > memory.end) {
            throw RecordView.damaged("a string of " + length + " bytes is not within it");
        }
        return (int) start;
    }

    static String decode(RecordMemory memory, int start, int length, byte[] scratch) {
        byte[] array = memory.array;
        int at = start;
        if (array == null) {
            array = length <= scratch.length ? scratch : new byte[length];
            memory.copy(start, array, 0, length);
            at = 0;
        }
        String text = new String(array, at, length, StandardCharsets.UTF_8);
        // Decoding puts this character in place of what is not UTF-8; it may also be there by right.
        if (text.indexOf('\uFFFD') >= 0) {
            requireUtf8(array, at, length);
        }
        return text;
    }

    private static void requireUtf8(byte[] array, int at, int length) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(array, at, length));
        } catch (CharacterCodingException e) {
            throw RecordView.damaged("a string of " + length + " bytes is not UTF-8");
        }
    }

    static byte[] newScratch() {
        return new byte[SCRATCH];
    }

    /** Whether the bytes are the UTF-8 of these characters. No other bytes than UTF-8 equal any characters. */
    static boolean equal(RecordMemory memory, int start, int length, CharSequence text) {
        int chars = text.length();
        if (chars > length) {
            return false;
        }
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                return equalFrom(memory, start + i, length - i, text, i);
            }
            if (memory.read(start + i) != c) {
                return false;
            }
        }
        return chars == length;
    }

    private static boolean equalFrom(RecordMemory memory, int start, int length, CharSequence text, int from) {
        int at = start;
        int end = start + length;
        for (int i = from; i < text.length(); i++) {
            int point = Character.codePointAt(text, i);
            int size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (size == 4) {
                i++;
            }
            boolean half = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
            if (half || end - at < size || !isPoint(memory, at, point, size)) {
                return false;
            }
            at += size;
        }
        return at == end;
    }

    private static boolean isPoint(RecordMemory memory, int at, int point, int size) {
        if (size == 1) {
            return memory.read(at) == point;
        }
        int lead = 0xF00 >> size & 0xFF;
        if ((memory.read(at) & 0xFF) != (lead | point >> 6 * (size - 1))) {
            return false;
        }
        for (int i = 1; i < size; i++) {
            if ((memory.read(at + i) & 0xFF) != (0x80 | point >> 6 * (size - 1 - i) & 0x3F)) {
                return false;
            }
        }
        return true;
    }
}
