package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The demo must be able to fail: a check that nothing can fail proves nothing. */
class RecordCheckTest extends EngineTest {
    private final WrongAnswers wrong = new WrongAnswers();
    private final Progress silent = new Progress(new PrintStream(OutputStream.nullOutputStream()), false, () -> 0);
    private Path file;
    private EntryIndex index;
    private ChangeWatch watch;
    private Directory root;
    private SampledEntry entry;
    private RecordCheck check;

    @BeforeEach
    void storeOneFile() throws Exception {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        file = Files.writeString(tree.resolve("file"), "text");
        // Until the file is older than the watch.
        Thread.sleep(100);
        watch = new ChangeWatch();
        index = EntryIndex.create(directory.resolve("store"), engine);
        Samples samples = new Samples(10, 1);
        try (EntryWriter writer = index.newWriter()) {
            FileStatus ownStore = FileStatus.readAfresh(directory.resolve("store"), 0);
            root = new TreeWalk(writer, samples, silent, ownStore).run(tree);
        }
        entry = samples.entries().get(0);
        check = new RecordCheck(index, root.inode(), watch, wrong);
    }

    @AfterEach
    void close() {
        index.close();
    }

    private void expect(int right, int changed, int wrongAnswers) {
        check.run(List.of(entry), new long[] {index.find(root.inode(), entry.name()).inode()}, silent);
        assertEquals(List.of((long) right, (long) changed, (long) wrongAnswers),
                List.of(check.right(), check.changed(), wrong.count()));
    }

    private void tamper(FileRecord record) {
        index.select(root.inode(), entry.name());
        FileRecordCodec.write(record, index.session().value());
        index.entries().put();
    }

    @Test
    void a_record_like_the_file_is_right() {
        expect(1, 0, 0);
    }

    @Test
    void a_record_unlike_the_file_is_wrong() {
        FileRecord record = index.find(root.inode(), entry.name());
        tamper(record.withPermissions(record.permissions() ^ 1));
        expect(0, 0, 1);
    }

    @Test
    void a_file_that_changed_since_is_not_held_against_the_store() throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        expect(0, 1, 0);
    }

    @Test
    void a_file_that_is_gone_is_not_held_against_the_store() throws IOException {
        Files.delete(file);
        expect(0, 1, 0);
    }

    @Test
    void a_listing_that_lacks_a_name_is_wrong() {
        index.select(root.inode(), entry.name());
        index.entries().delete();
        ListingCheck listing = new ListingCheck(index, watch, wrong);
        listing.run(List.of(root), silent);
        assertEquals(1, wrong.count());
        assertEquals(
                List.of(root.path() + ": name 1 is missing in the scan (of 0), 'file' in the file system (of 1)"),
                wrong.first());
    }

    @Test
    void a_listing_with_another_name_is_wrong_and_the_name_is_shown() {
        FileRecord record = index.find(root.inode(), entry.name());
        try (EntryWriter writer = index.newWriter()) {
            writer.add(root.inode(), new byte[] {'f', '\n', (byte) 0xFF}, record);
            writer.commit();
        }
        ListingCheck listing = new ListingCheck(index, watch, wrong);
        listing.run(List.of(root), silent);
        assertEquals(
                List.of(root.path() + ": name 1 is 'f%0A%FF' in the scan (of 2), 'file' in the file system (of 1)"),
                wrong.first());
    }

    @Test
    void a_directory_that_changed_since_is_not_held_against_the_store() throws IOException {
        Files.createFile(file.resolveSibling("another"));
        ListingCheck listing = new ListingCheck(index, watch, wrong);
        listing.run(List.of(root), silent);
        assertEquals(List.of(1L, 0L), List.of(listing.changed(), wrong.count()));
    }

    @Test
    void an_entry_too_many_or_out_of_place_is_found_by_a_full_scan() {
        assertEquals(1, new FullScan(index, wrong).run(1).count());
        assertEquals(0, wrong.count());
        new FullScan(index, wrong).run(2);
        assertEquals(1, wrong.count());
        tamper(new FileRecord(1, root.inode() + 1, 0, 0, 0, 0, 0, 8, "", ""));
        new FullScan(index, wrong).run(1);
        assertEquals(2, wrong.count());
    }
}
