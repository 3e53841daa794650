package dev.keybed.demo;

import java.io.IOException;
import java.util.List;

/** Compares sampled entries of the index with the file system, read again now. */
final class RecordCheck {
    private final EntryIndex index;
    private final PathResolver resolver;
    private final ChangeWatch watch;
    private final WrongAnswers wrong;
    private long right;
    private long changed;

    RecordCheck(EntryIndex index, long root, ChangeWatch watch, WrongAnswers wrong) {
        this.index = index;
        this.resolver = new PathResolver(index, root);
        this.watch = watch;
        this.wrong = wrong;
    }

    /** Checks a sample and the inodes that a {@link LookupRun} found for it. */
    void run(List<SampledEntry> sample, long[] answers, Progress progress) {
        for (int i = 0; i < answers.length; i++) {
            check(sample.get(i), answers[i]);
            progress.add(1);
        }
    }

    private void check(SampledEntry entry, long answer) {
        FileRecord stored = find(entry);
        FileRecord actual = read(entry);
        if (stored != null && stored.equals(actual) && stored.inode() == answer) {
            right++;
        } else if (watch.hasChanged(entry)) {
            changed++;
        } else {
            wrong.add(
                    entry.path(),
                    "lookup found inode " + answer + " and " + stored + ", the file system has " + actual);
        }
    }

    /** The record at the entry's path, by way of the store alone. */
    private FileRecord find(SampledEntry entry) {
        byte[][] components = entry.components();
        long parent = resolver.resolve(components, components.length - 1);
        try {
            return index.find(parent, entry.name());
        } catch (DamagedRecordException e) {
            return null;
        }
    }

    /** The record at the entry's path, by way of the file system alone. */
    private static FileRecord read(SampledEntry entry) {
        try {
            long parent = FileStatus.inode(entry.path().getParent());
            return FileStatus.readAfresh(entry.path(), parent).record();
        } catch (IOException e) {
            return null;
        }
    }

    /** How many records were equal to the file system's. */
    long right() {
        return right;
    }

    /** How many could not be checked, because the file has changed since it was stored. */
    long changed() {
        return changed;
    }
}
