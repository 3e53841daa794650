package dev.keybed.demo;

import dev.keybed.DirectInput;
import dev.keybed.EntryCursor;

/** Scans all key groups: counts the entries, and finds those that lie where they do not belong. */
final class FullScan {
    private final EntryIndex index;
    private final WrongAnswers wrong;
    private long entries;

    FullScan(EntryIndex index, WrongAnswers wrong) {
        this.index = index;
        this.wrong = wrong;
    }

    /**
     * Runs; returns how many entries there are, and how long it took to read them.
     *
     * @param expected how many there ought to be
     */
    Rate run(long expected) {
        long begin = System.nanoTime();
        for (int group = 0; group < EntryIndex.KEY_GROUPS; group++) {
            scan(group);
        }
        long nanos = System.nanoTime() - begin;
        if (entries != expected) {
            wrong.add("all key groups: " + entries + " entries, stored were " + expected);
        }
        return new Rate(entries, nanos);
    }

    private void scan(int group) {
        try (EntryCursor cursor = index.listGroup(group)) {
            while (cursor.next()) {
                entries++;
                DirectInput key = cursor.key();
                long directory = key.readLong();
                long parent = FileRecordCodec.parent(cursor.value());
                if (directory != parent || EntryIndex.groupOf(directory) != group || key.remaining() == 0) {
                    wrong.add("key group " + group + ": an entry of directory " + directory
                            + " whose record says " + parent);
                }
            }
        }
    }
}
