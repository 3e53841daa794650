package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damaged, cut and foreign files are told apart, and named with the place of the damage. */
class StoredSnapshotTest extends StoreTest {
    private Path file;
    private byte[] bytes;

    @BeforeEach
    void write() throws IOException {
        new Contents(session).write(1, 1_000);
        file = directory.resolve("snapshot.kbs");
        try (Snapshot snapshot = store.snapshot()) {
            snapshot.writeTo(file, SnapshotOptions.builder().blockBytes(4096).build());
        }
        bytes = Files.readAllBytes(file);
    }

    @Test
    void a_good_file_is_verified() {
        VerifiedSnapshot verified = Snapshot.verify(file);
        assertEquals(bytes.length, verified.info().bytes());
        assertEquals(
                verified.info().entries(),
                verified.entriesByState().values().stream().mapToLong(Long::longValue).sum());
        try (StoredSnapshot stored = Snapshot.read(file)) {
            assertEquals(verified.info(), stored.info());
            assertEquals(file, stored.path());
            assertTrue(stored.toString().contains("snapshot.kbs"));
        }
    }

    @Test
    void every_damage_is_found_and_named_with_file_and_position() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = bytes.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            try {
                Snapshot.verify(file);
                throw new AssertionError("byte " + at + " was changed, and nobody noticed");
            } catch (KeybedException e) {
                assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
                assertTrue(e.getMessage().contains("byte "), e.getMessage());
                ErrorCode expected = at < 4 ? ErrorCode.FOREIGN_FORMAT : ErrorCode.CORRUPTION;
                assertEquals(expected, e.errorCode(), e.getMessage());
            }
        }
    }

    @Test
    void a_cut_file_is_damaged() throws IOException {
        for (int length : new int[] {0, 3, 100, 512, bytes.length / 2, bytes.length - 512, bytes.length - 1}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            Expect.code(ErrorCode.CORRUPTION, () -> Snapshot.verify(file));
            Expect.code(ErrorCode.CORRUPTION, () -> Snapshot.read(file));
            Path target = directory.resolve("restored");
            Expect.code(
                    ErrorCode.CORRUPTION,
                    () -> Store.restore(target, engineOptions().build(), List.of(file)));
            assertTrue(Files.notExists(target));
        }
    }

    @Test
    void what_is_no_snapshot_is_foreign() throws IOException {
        Files.write(file, Bytes.random(10_000, 1));
        String message = Expect.code(ErrorCode.FOREIGN_FORMAT, () -> Snapshot.read(file));
        assertTrue(message.contains(file.toString()), message);
        Expect.code(ErrorCode.FOREIGN_FORMAT, () -> Snapshot.read(directory));
        Expect.code(ErrorCode.IO, () -> Snapshot.read(directory.resolve("none")));
        Expect.code(ErrorCode.IO, () -> Snapshot.verify(directory.resolve("none")));
    }

    @Test
    void a_cursor_stops_at_the_damage() throws IOException {
        byte[] damaged = bytes.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        try (StoredSnapshot stored = Snapshot.read(file)) {
            String message = Expect.code(ErrorCode.CORRUPTION, () -> Contents.read(stored));
            assertTrue(message.contains(file.toString()) && message.contains("byte "), message);
            try (StoredCursor first = stored.cursor("maps");
                    StoredCursor second = stored.cursor("lists")) {
                Expect.code(ErrorCode.CORRUPTION, () -> {
                    while (first.next()) {}
                    while (second.next()) {}
                });
                Expect.code(ErrorCode.CURSOR_INVALID, first::key);
            }
        }
    }

    @Test
    void cursors_go_on_when_the_snapshot_is_closed_and_end_with_themselves() {
        StoredSnapshot stored = Snapshot.read(file);
        StoredCursor cursor = stored.cursor("values");
        assertEquals(stored, cursor.snapshot());
        assertTrue(cursor.next() && !cursor.isDeleted());
        stored.close();
        stored.close();
        assertTrue(stored.isClosed());
        Expect.code(ErrorCode.CLOSED, () -> stored.count("values"));
        Expect.code(ErrorCode.CLOSED, () -> stored.cursor("values"));
        Expect.code(ErrorCode.CLOSED, () -> stored.get("values", 1, Bytes.of("k")));
        assertTrue(cursor.next());
        cursor.key();
        cursor.close();
        cursor.close();
        Expect.code(ErrorCode.CLOSED, cursor::next);
        Expect.code(ErrorCode.CLOSED, cursor::key);
        Expect.code(ErrorCode.CLOSED, cursor::value);
        Expect.code(ErrorCode.CLOSED, cursor::keyGroup);
    }

    @Test
    void a_file_of_changes_says_what_was_deleted() {
        if (engine != Engine.TABLE) {
            return;
        }
        ValueState state = session.valueState("two");
        session.setKey(1, Bytes.of("a"));
        state.put(Bytes.of("1"));
        try (SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults())) {
            series.write(directory.resolve("first"));
            state.delete();
            session.setKey(2, Bytes.of("b"));
            state.put(Bytes.of("2"));
            SnapshotFiles second = series.write(directory.resolve("second"));
            SnapshotFile changes = second.files().get(1);
            try (StoredSnapshot stored = Snapshot.read(directory.resolve("second").resolve(changes.name()));
                    StoredCursor cursor = stored.cursor("two")) {
                assertEquals(second.files().get(0).identity(), stored.info().base().orElseThrow());
                assertTrue(cursor.next() && cursor.isDeleted());
                assertEquals(1, cursor.keyGroup());
                assertEquals(0, cursor.value().remaining());
                assertTrue(cursor.next() && !cursor.isDeleted());
                assertEquals(2, cursor.keyGroup());
                assertEquals("2", Bytes.text(cursor.value()));
                assertTrue(!cursor.next());
                Expect.code(ErrorCode.SNAPSHOT_MISMATCH, () -> stored.get("two", 1, Bytes.of("a")));
                Path target = directory.resolve("restored");
                Path only = stored.path();
                Expect.code(
                        ErrorCode.SNAPSHOT_MISMATCH,
                        () -> Store.restore(target, engineOptions().build(), List.of(only)));
            }
        }
    }
}
