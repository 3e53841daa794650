package dev.keybed;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/** A path as the bytes the operating system knows it by. */
final class StorePath {

    private StorePath() {}

    /**
     * A path's name on Linux is bytes, and {@link Path#toString()} may lose some of them; its URI has them all, escaped.
     *
     * @throws KeybedArgumentException INVALID_ARGUMENT for a path in a zip file or another file system of Java's own
     */
    static byte[] bytes(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw Errors.of(ErrorCode.INVALID_ARGUMENT, "a path of the operating system is needed, not " + path);
        }
        byte[] escaped = path.toAbsolutePath().toUri().getRawPath().getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length);
        int end = escaped.length;
        if (end > 1 && escaped[end - 1] == '/') {
            // An existing directory's URI ends with a slash that the path has not.
            end--;
        }
        for (int i = 0; i < end; i++) {
            if (escaped[i] == '%') {
                bytes.write(Character.digit(escaped[i + 1], 16) << 4 | Character.digit(escaped[i + 2], 16));
                i += 2;
            } else {
                bytes.write(escaped[i]);
            }
        }
        return bytes.toByteArray();
    }
}
