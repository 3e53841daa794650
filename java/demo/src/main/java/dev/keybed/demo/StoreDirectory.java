package dev.keybed.demo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Where the store goes: a directory that was asked for, or one that is deleted at the end. */
final class StoreDirectory implements AutoCloseable {
    private final Path path;
    private final boolean temporary;

    private StoreDirectory(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    /** Of the path, or a temporary one if it is null. */
    static StoreDirectory of(Path path) throws IOException {
        if (path != null) {
            return new StoreDirectory(path, false);
        }
        StoreDirectory directory = new StoreDirectory(Files.createTempDirectory("keybed-demo-"), true);
        // For those who lose patience: an interrupted run leaves nothing behind either.
        Runtime.getRuntime().addShutdownHook(new Thread(directory::close));
        return directory;
    }

    Path path() {
        return path;
    }

    /** Deletes the directory if it is temporary. Does what it can: there is nobody to tell about the rest. */
    @Override
    public void close() {
        if (temporary) {
            delete(path);
        }
    }

    private static void delete(Path path) {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
                children.forEach(StoreDirectory::delete);
            } catch (IOException e) {
                // Then the directory stays, too.
            }
        }
        path.toFile().delete();
    }
}
