package dev.keybed.demo.flink;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A file that is read as text.
 *
 * @param path where it is
 * @param firstLine the number of its first line among the lines of all files
 * @param lines how many it has
 */
record TextFile(String path, long firstLine, int lines) implements Serializable {
    private static final int LOOKED_AT = 4096;

    /** Opens a file, decompressed if its name ends with .gz; what is not UTF-8 is replaced. */
    static BufferedReader open(Path path) throws IOException {
        return new BufferedReader(new InputStreamReader(bytes(path), StandardCharsets.UTF_8));
    }

    /** Whether the beginning of a file looks like text: no byte is 0. */
    static boolean isText(Path path) throws IOException {
        try (InputStream bytes = bytes(path)) {
            for (byte each : bytes.readNBytes(LOOKED_AT)) {
                if (each == 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private static InputStream bytes(Path path) throws IOException {
        InputStream bytes = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
        try {
            return path.toString().endsWith(".gz") ? new GZIPInputStream(bytes, 1 << 16) : bytes;
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }
}
