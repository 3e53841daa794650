package dev.keybed.demo;

import dev.keybed.EntryCursor;
import java.util.List;

/** Lists sampled directories against the clock, each with one scan, and reads the name and a field of every entry. */
final class ScanRun {
    private final EntryIndex index;
    private final long[] directories;
    private long entries;
    /** Of everything read, so that reading it cannot be optimized away. */
    private long sum;

    ScanRun(EntryIndex index, List<Directory> sample) {
        this.index = index;
        this.directories = sample.stream().mapToLong(Directory::inode).toArray();
    }

    /** Runs; returns how many directories were listed in the timed part, and how long it took. */
    Rate run(Timing timing) {
        timing.warmUp(this::scanAll);
        entries = 0;
        return timing.measure(this::scanAll);
    }

    /** How many entries the timed scans saw. */
    long entries() {
        return entries;
    }

    private long scanAll() {
        for (long directory : directories) {
            EntryCursor cursor = index.list(directory);
            while (cursor.next()) {
                sum += cursor.key().remaining();
                sum += FileRecordCodec.type(cursor.value());
                entries++;
            }
        }
        return directories.length;
    }
}
