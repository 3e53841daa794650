package dev.keybed.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Changes records in write batches and changes them back. Between the last record of a batch and its commit the shared
 * buffers are overwritten, and nothing of the batch may be visible yet.
 */
final class Rewrite {
    static final int RECORDS = 1000;
    private static final int BATCH_SIZE = 100;
    private static final int ALL_PERMISSIONS = 07777;

    private final List<SampledEntry> sample;
    private final List<FileRecord> originals = new ArrayList<>();
    private final WrongAnswers wrong;

    /** Of the first entries of a sample. */
    Rewrite(EntryIndex index, List<SampledEntry> sample, WrongAnswers wrong) {
        this.sample = sample.subList(0, Math.min(RECORDS, sample.size()));
        this.wrong = wrong;
        for (SampledEntry entry : this.sample) {
            originals.add(find(index, entry));
        }
    }

    int size() {
        return sample.size();
    }

    /** Flips all permission bits. */
    void flip(EntryIndex index) {
        write(index, Rewrite::flipped);
    }

    /** Writes the records as they were. */
    void restore(EntryIndex index) {
        write(index, UnaryOperator.identity());
    }

    void checkFlipped(EntryIndex index) {
        check(index, Rewrite::flipped);
    }

    void checkRestored(EntryIndex index) {
        check(index, UnaryOperator.identity());
    }

    private static FileRecord flipped(FileRecord record) {
        return record.withPermissions(record.permissions() ^ ALL_PERMISSIONS);
    }

    private void write(EntryIndex index, UnaryOperator<FileRecord> change) {
        try (EntryWriter writer = index.newWriter()) {
            for (int from = 0; from < sample.size(); from += BATCH_SIZE) {
                write(index, writer, from, change);
            }
        }
    }

    private void write(EntryIndex index, EntryWriter writer, int from, UnaryOperator<FileRecord> change) {
        FileRecord before = find(index, sample.get(from));
        int to = Math.min(from + BATCH_SIZE, sample.size());
        for (int i = from; i < to; i++) {
            FileRecord original = originals.get(i);
            if (original != null) {
                SampledEntry entry = sample.get(i);
                writer.add(entry.directory().inode(), entry.name(), change.apply(original));
            }
        }
        writer.scribble();
        if (!Objects.equals(find(index, sample.get(from)), before)) {
            wrong.add(sample.get(from).path(), "a batch shows before its commit");
        }
        writer.scribble();
        writer.commit();
    }

    private void check(EntryIndex index, UnaryOperator<FileRecord> change) {
        for (int i = 0; i < sample.size(); i++) {
            FileRecord original = originals.get(i);
            FileRecord expected = original == null ? null : change.apply(original);
            FileRecord stored = find(index, sample.get(i));
            if (!Objects.equals(stored, expected)) {
                wrong.add(sample.get(i).path(), "rewritten to " + expected + ", the store has " + stored);
            }
        }
    }

    private static FileRecord find(EntryIndex index, SampledEntry entry) {
        try {
            return index.find(entry.directory().inode(), entry.name());
        } catch (DamagedRecordException e) {
            return null;
        }
    }
}
