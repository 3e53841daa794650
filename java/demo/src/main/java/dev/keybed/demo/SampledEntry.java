package dev.keybed.demo;

import java.nio.file.Path;

/**
 * An entry of the tree that will be looked up and checked.
 *
 * @param directory the directory it is in
 * @param name its name there
 * @param path where it is
 * @param changed its {@link FileStatus#changed()} when it was stored
 */
record SampledEntry(Directory directory, byte[] name, Path path, long changed) {

    /** The names that lead from the root of the walk to the entry, its own last. */
    byte[][] components() {
        int count = directory.depth() + 1;
        byte[][] components = new byte[count][];
        components[--count] = name;
        for (Directory each = directory; count > 0; each = each.parent()) {
            components[--count] = each.name();
        }
        return components;
    }
}
