package dev.keybed.demo;

import dev.keybed.DirectInput;

/** Follows paths through the index from the root of the walk. Allocates nothing. */
final class PathResolver {
    /** No file has this inode. */
    static final long ABSENT = 0;

    private final EntryIndex index;
    private final long root;
    private long gets;

    PathResolver(EntryIndex index, long root) {
        this.index = index;
        this.root = root;
    }

    /**
     * Resolves the first names of a path, each with one get.
     *
     * @param count how many names; none is the root itself
     * @return the inode found, or {@link #ABSENT}
     */
    long resolve(byte[][] components, int count) {
        long inode = root;
        for (int i = 0; i < count; i++) {
            gets++;
            DirectInput record = index.get(inode, components[i]);
            if (record == null) {
                return ABSENT;
            }
            inode = FileRecordCodec.inode(record);
        }
        return inode;
    }

    /** How many gets all paths took so far. */
    long gets() {
        return gets;
    }
}
