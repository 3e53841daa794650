package dev.keybed.demo;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * File names as the bytes the file system knows them by. On Linux a name is any bytes but 0 and '/', and {@link
 * Path#toString()} may lose some of them; the path itself has them all, and its URI shows them, escaped.
 */
final class NameBytes {
    private static final Path ROOT = Path.of("/");

    private NameBytes() {}

    /**
     * The bytes of a path's last name.
     *
     * @throws IllegalArgumentException if the name cannot be turned into bytes
     */
    static byte[] of(Path path) {
        Path name = path.getFileName();
        if (name == null) {
            throw new IllegalArgumentException("a root directory has no name");
        }
        String text = name.toString();
        if (isPlain(text)) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        // Below the root so that the URI has nothing else in it; where the path was does not matter to its name.
        return ofEscaped(ROOT.resolve(name).toUri().getRawPath());
    }

    /**
     * Whether each character stands for one byte of the same number: nearly all names, at a tenth of the cost. A
     * question mark may stand for a byte that the platform's encoding does not have.
     */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '?') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Of {@code /name} or {@code /name/}, with every byte that is not plain as {@code %XX}. */
    static byte[] ofEscaped(String rawPath) {
        int end = rawPath.length();
        if (end > 1 && rawPath.charAt(end - 1) == '/') {
            // The URI of a path that happens to be a directory.
            end--;
        }
        byte[] bytes = new byte[end];
        int length = 0;
        for (int i = 1; i < end; i++) {
            char c = rawPath.charAt(i);
            if (c == '%') {
                bytes[length++] = (byte) Integer.parseInt(rawPath.substring(i + 1, i + 3), 16);
                i += 2;
            } else if (c > '~' || c == '/') {
                throw new IllegalArgumentException("not an escaped name: " + rawPath);
            } else {
                bytes[length++] = (byte) c;
            }
        }
        if (length == 0) {
            throw new IllegalArgumentException("a name has at least one byte");
        }
        return Arrays.copyOf(bytes, length);
    }

    /** For people, and exact: each byte that is not plain as {@code %XX}. */
    static String printable(byte[] name) {
        StringBuilder text = new StringBuilder();
        for (byte b : name) {
            if (b > ' ' && b <= '~' && b != '%') {
                text.append((char) b);
            } else {
                text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return text.toString();
    }

    /** For people: a path on one line, whatever is in it. */
    static String printable(Path path) {
        return path.toString().replaceAll("\\p{Cntrl}", "?");
    }
}
