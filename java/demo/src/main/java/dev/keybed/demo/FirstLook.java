package dev.keybed.demo;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Walks a tree once before any engine does, so that the first of them does not wait for a disk that the next finds in the
 * system's cache.
 */
final class FirstLook extends SimpleFileVisitor<Path> {
    private final Progress progress;
    private Object device;

    FirstLook(Progress progress) {
        this.progress = progress;
    }

    void run(Path tree) throws IOException {
        device = device(tree);
        progress.begin("first look", "entries", 0);
        Files.walkFileTree(tree, this);
        progress.end();
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
        progress.add(1);
        return device.equals(device(directory)) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        progress.add(1);
        return FileVisitResult.CONTINUE;
    }

    /** What cannot be read is for the walk that counts. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException e) {
        return FileVisitResult.CONTINUE;
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }
}
