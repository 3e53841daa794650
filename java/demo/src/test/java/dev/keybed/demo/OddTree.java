package dev.keybed.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes files whose names strings cannot hold. */
final class OddTree {
    private OddTree() {}

    /** The path of a name in a directory; the name escaped as in a URI, {@code %FF} for the byte FF. */
    static Path path(Path directory, String escapedName) {
        String parent = directory.toUri().getRawPath();
        return Path.of(URI.create("file://" + parent + (parent.endsWith("/") ? "" : "/") + escapedName));
    }

    static Path file(Path directory, String escapedName) throws IOException {
        return Files.createFile(path(directory, escapedName));
    }

    static Path directory(Path directory, String escapedName) throws IOException {
        return Files.createDirectory(path(directory, escapedName));
    }
}
