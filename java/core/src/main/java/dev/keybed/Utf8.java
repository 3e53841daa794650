package dev.keybed;

import java.nio.ByteBuffer;

/** Strings to bytes without an array in between. */
final class Utf8 {
    private static final char REPLACEMENT = '?';

    private Utf8() {}

    /** How many bytes {@link #put} writes. */
    static long length(String s) {
        long length = s.length();
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c >= 0x80) {
                if (c < 0x800) {
                    length += 1;
                } else if (!Character.isSurrogate(c)) {
                    length += 2;
                } else if (isPair(s, i)) {
                    // Two chars become four bytes.
                    length += 2;
                    i++;
                }
            }
        }
        return length;
    }

    /** Standard UTF-8; a surrogate without its partner becomes '?', as {@link String#getBytes} does it. */
    static void put(String s, ByteBuffer target, int at) {
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c < 0x80) {
                target.put(at++, (byte) c);
            } else if (!Character.isSurrogate(c)) {
                at = putShortForm(c, target, at);
            } else if (isPair(s, i)) {
                int point = Character.toCodePoint(c, s.charAt(++i));
                target.put(at++, (byte) (0xF0 | point >> 18));
                target.put(at++, (byte) (0x80 | point >> 12 & 0x3F));
                target.put(at++, (byte) (0x80 | point >> 6 & 0x3F));
                target.put(at++, (byte) (0x80 | point & 0x3F));
            } else {
                target.put(at++, (byte) REPLACEMENT);
            }
        }
    }

    /** How many bytes {@link #putModified} writes. */
    static long modifiedLength(String s) {
        long length = s.length();
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == 0 || c >= 0x80) {
                length += c < 0x800 ? 1 : 2;
            }
        }
        return length;
    }

    /** Modified UTF-8: each char for itself, and the char 0 as two bytes. */
    static void putModified(String s, ByteBuffer target, int at) {
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c != 0 && c < 0x80) {
                target.put(at++, (byte) c);
            } else {
                at = putShortForm(c, target, at);
            }
        }
    }

    /** A char in two or three bytes. */
    private static int putShortForm(char c, ByteBuffer target, int at) {
        if (c < 0x800) {
            target.put(at++, (byte) (0xC0 | c >> 6));
        } else {
            target.put(at++, (byte) (0xE0 | c >> 12));
            target.put(at++, (byte) (0x80 | c >> 6 & 0x3F));
        }
        target.put(at++, (byte) (0x80 | c & 0x3F));
        return at;
    }

    private static boolean isPair(String s, int i) {
        return Character.isHighSurrogate(s.charAt(i))
                && i + 1 < s.length()
                && Character.isLowSurrogate(s.charAt(i + 1));
    }
}
