package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewriteTest extends EngineTest {
    private static final int RECORDS = 250;

    private final WrongAnswers wrong = new WrongAnswers();
    private final Directory root = new Directory(null, new byte[0], Path.of("tree"), 1, 0);
    private final List<SampledEntry> sample = new ArrayList<>();

    private EntryIndex create() {
        EntryIndex index = EntryIndex.create(directory.resolve("store"), engine);
        try (EntryWriter writer = index.newWriter()) {
            for (int i = 0; i < RECORDS; i++) {
                byte[] name = ("file " + i).getBytes(StandardCharsets.US_ASCII);
                writer.add(1, name, new FileRecord(100 + i, 1, 0, 0, 0, 0, 0644, 8, "", ""));
                sample.add(new SampledEntry(root, name, Path.of("tree", "file " + i), 0));
            }
            writer.commit();
        }
        return index;
    }

    private EntryIndex reopen() {
        return EntryIndex.reopen(directory.resolve("store"), engine);
    }

    @Test
    void rewritten_records_outlive_the_store_and_can_be_restored() {
        Rewrite rewrite;
        try (EntryIndex index = create()) {
            rewrite = new Rewrite(index, sample, wrong);
            rewrite.flip(index);
        }
        try (EntryIndex index = reopen()) {
            rewrite.checkFlipped(index);
            rewrite.restore(index);
            rewrite.checkRestored(index);
        }
        try (EntryIndex index = reopen()) {
            rewrite.checkRestored(index);
        }
        assertEquals(0, wrong.count(), () -> wrong.first().toString());
    }

    @Test
    void records_that_lost_their_rewrite_are_wrong() {
        Rewrite rewrite;
        try (EntryIndex index = create()) {
            rewrite = new Rewrite(index, sample, wrong);
        }
        try (EntryIndex index = reopen()) {
            rewrite.checkFlipped(index);
        }
        assertEquals(RECORDS, wrong.count());
        assertTrue(wrong.first().get(0).startsWith("tree/file 0: rewritten to "), wrong.first()::toString);
    }
}
