package dev.keybed.demo;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Walks a tree before any engine does and stores nothing, so that the first of them does not wait for a disk and for a
 * compiler that the next has behind it.
 */
final class FirstLook implements EntrySink {

    private FirstLook() {}

    static void at(Path tree, Progress progress) throws IOException {
        // The root is no entry, so nothing is left out.
        FileStatus nothing = FileStatus.readAfresh(tree, 0);
        progress.begin("first look", "entries", 0);
        new TreeWalk(new FirstLook(), new Samples(1, 1), progress, nothing).run(tree);
        progress.end();
    }

    @Override
    public void add(long parent, byte[] name, FileRecord record) {}

    @Override
    public void commit() {}
}
