package dev.keybed.demo;

import java.util.List;
import java.util.Random;

/** What of the tree is remembered to be looked up, listed and checked: it may be larger than memory, this is not. */
final class Samples {
    static final int DIRECTORIES = 5000;

    private final Reservoir<SampledEntry> entries;
    private final Reservoir<Directory> directories;

    Samples(int entryCount, long seed) {
        Random random = new Random(seed);
        entries = new Reservoir<>(entryCount, random);
        directories = new Reservoir<>(DIRECTORIES, random);
    }

    void offer(SampledEntry entry) {
        entries.offer(entry);
    }

    /** Takes directories that were stored completely. */
    void offer(Directory directory) {
        directories.offer(directory);
    }

    List<SampledEntry> entries() {
        return entries.shuffled();
    }

    List<Directory> directories() {
        return directories.shuffled();
    }
}
