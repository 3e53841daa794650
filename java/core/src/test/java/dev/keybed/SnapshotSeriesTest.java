package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots in directories that share files. */
class SnapshotSeriesTest extends StoreTest {
    private Contents contents;

    @BeforeEach
    void fill() {
        contents = new Contents(session).write(1, 5_000);
    }

    private static Set<String> sharedIdentities(SnapshotFiles files) {
        return files.files().stream()
                .filter(SnapshotFile::shared)
                .map(SnapshotFile::identity)
                .collect(Collectors.toSet());
    }

    private TreeMap<String, String> restored(Path snapshot) {
        Path path = directory.resolve("restored-" + System.nanoTime());
        try (Store restored = Store.restore(path, engineOptions().build(), List.of(snapshot))) {
            return Contents.read(restored, KeyGroupRange.all(128));
        }
    }

    @Test
    void each_directory_is_complete_and_shares_what_was_there() throws IOException {
        List<TreeMap<String, String>> expected = new ArrayList<>();
        List<SnapshotFiles> written = new ArrayList<>();
        try (SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults())) {
            for (int i = 0; i < 4; i++) {
                contents.write(10 + i, 100).delete(20 + i, 50);
                expected.add(contents.read());
                written.add(series.write(directory.resolve("snapshot-" + i)));
            }
            assertEquals(store, series.store());
        }
        for (int i = 0; i < 4; i++) {
            Path path = directory.resolve("snapshot-" + i);
            SnapshotFiles files = written.get(i);
            assertEquals(files, Snapshot.readFiles(path));
            assertEquals(files, Snapshot.verifyFiles(path));
            assertEquals(engine, files.engine());
            assertEquals(KeyGroupRange.all(128), files.keyGroups());
            assertEquals(List.of("values", "lists", "maps"), files.states().stream().map(StateInfo::name).toList());
            for (SnapshotFile file : files.files()) {
                assertEquals(file.bytes(), Files.size(path.resolve(file.name())));
            }
            assertEquals(files.bytes(), files.files().stream().mapToLong(SnapshotFile::bytes).sum());
            if (i > 0) {
                Set<String> common = new HashSet<>(sharedIdentities(files));
                common.retainAll(sharedIdentities(written.get(i - 1)));
                assertFalse(common.isEmpty(), "nothing is shared with the snapshot before");
                assertNotEquals(written.get(i - 1).id(), files.id());
            }
            assertEquals(expected.get(i), restored(path));
        }
    }

    @Test
    void a_prepared_snapshot_is_finished_on_another_thread_while_the_owner_writes() throws Exception {
        TreeMap<String, String> expected = contents.read();
        Path path = directory.resolve("prepared");
        try (SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults());
                PreparedSnapshot prepared = series.prepare(path)) {
            assertEquals(series, prepared.series());
            assertTrue(Files.notExists(path));
            FutureTask<SnapshotFiles> finisher = new FutureTask<>(prepared::finish);
            new Thread(finisher).start();
            for (long seed = 30; !finisher.isDone(); seed++) {
                contents.write(seed, 500);
            }
            assertEquals(finisher.get(), Snapshot.readFiles(path));
            Expect.code(ErrorCode.CLOSED, prepared::finish);
            Expect.code(ErrorCode.SNAPSHOT_EXISTS, () -> series.prepare(path));
        }
        assertEquals(expected, restored(path));
    }

    @Test
    void what_is_not_finished_has_never_been() throws IOException {
        Path path = directory.resolve("given-up");
        try (SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults())) {
            PreparedSnapshot prepared = series.prepare(path);
            prepared.close();
            prepared.close();
            Expect.code(ErrorCode.CLOSED, prepared::finish);
            try (var files = Files.list(directory)) {
                assertEquals(List.of(store.path()), files.toList());
            }
            series.write(path);
            assertEquals(contents.read(), restored(path));
        }
    }

    @Test
    void what_was_prepared_can_be_finished_after_all_else_is_closed() {
        TreeMap<String, String> expected = contents.read();
        Path path = directory.resolve("last");
        SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults());
        PreparedSnapshot prepared = series.prepare(path);
        series.close();
        assertTrue(series.isClosed());
        Expect.code(ErrorCode.CLOSED, () -> series.prepare(directory.resolve("later")));
        session.close();
        store.close();
        prepared.finish();
        prepared.close();
        assertEquals(expected, restored(path));
        open(store.path()).close();
    }

    @Test
    void a_series_of_a_restored_store_shares_the_files_that_it_was_made_from() {
        Path from = directory.resolve("from");
        Set<String> files;
        try (SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults())) {
            files = sharedIdentities(series.write(from));
        }
        Expect.code(
                ErrorCode.INVALID_ARGUMENT, () -> store.snapshotSeries(SnapshotOptions.defaults(), List.of(from)));
        try (Store restored = Store.restore(directory.resolve("restored"), engineOptions().build(), List.of(from));
                SnapshotSeries series = restored.snapshotSeries(SnapshotOptions.defaults(), List.of(from))) {
            Path next = directory.resolve("next");
            assertTrue(sharedIdentities(series.write(next)).containsAll(files));
            assertEquals(contents.read(), restored(next));
        }
    }

    @Test
    void a_damaged_file_is_named() throws IOException {
        Path path = directory.resolve("snapshot");
        try (SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults())) {
            SnapshotFile largest = series.write(path).files().stream()
                    .max(Comparator.comparing(SnapshotFile::bytes))
                    .orElseThrow();
            Path file = path.resolve(largest.name());
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            // Another file of that name: the store may have the old one, too.
            Files.delete(file);
            Files.write(file, bytes);
            Snapshot.readFiles(path);
            String message = Expect.code(ErrorCode.CORRUPTION, () -> Snapshot.verifyFiles(path));
            assertTrue(message.contains(largest.name()), message);
            Expect.code(ErrorCode.CORRUPTION, () -> restored(path));
            Files.delete(file);
            message = Expect.code(ErrorCode.CORRUPTION, () -> Snapshot.readFiles(path));
            assertTrue(message.contains(largest.name()), message);
        }
        Expect.code(ErrorCode.FOREIGN_FORMAT, () -> Snapshot.readFiles(store.path()));
    }
}
