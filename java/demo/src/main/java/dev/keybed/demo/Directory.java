package dev.keybed.demo;

import java.nio.file.Path;

/**
 * A directory that was walked. Knows its parent, so that a path can be put together without keeping all of it for each
 * file.
 *
 * @param parent the directory it is in; null for the root of the walk
 * @param name its name there; empty for the root
 * @param path where it is
 * @param inode the key of its entries
 * @param changed its {@link FileStatus#changed()} before it was listed
 */
record Directory(Directory parent, byte[] name, Path path, long inode, long changed) {

    /** How many directories lead from the root to this one. */
    int depth() {
        int depth = 0;
        for (Directory each = this; each.parent != null; each = each.parent) {
            depth++;
        }
        return depth;
    }
}
