package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots show what a store held at their moment, to any thread, whatever is written meanwhile. */
class SnapshotTest extends StoreTest {
    private Contents contents;
    private Path file;

    @BeforeEach
    void fill() {
        contents = new Contents(session).write(1, 3_000);
        file = directory.resolve("snapshot.kbs");
    }

    @Test
    void what_was_written_to_a_file_is_what_there_was() {
        TreeMap<String, String> expected = contents.read();
        SnapshotSummary summary;
        try (Snapshot snapshot = store.snapshot()) {
            contents.write(2, 3_000).delete(1, 3_000);
            summary = snapshot.writeTo(file, SnapshotOptions.defaults());
        }
        assertEquals(expected.size(), summary.entries());
        assertEquals(file.toFile().length(), summary.bytes());
        try (StoredSnapshot stored = Snapshot.read(file)) {
            assertEquals(expected, Contents.read(stored));
            SnapshotInfo info = stored.info();
            assertEquals(summary.id(), info.id());
            assertEquals(summary.blocks(), info.blocks());
            assertEquals(engine, info.engine());
            assertEquals(KeyGroupRange.all(128), info.keyGroups());
            assertEquals(store.states(), info.states());
            assertEquals(KeyEncoding.ORDERED, info.keyEncoding());
            assertEquals(PartSize.variable(), info.keySize());
            assertTrue(info.base().isEmpty());
            for (StateInfo state : info.states()) {
                long count = expected.keySet().stream()
                        .filter(key -> key.startsWith(state.name() + "/"))
                        .count();
                assertEquals(count, stored.count(state.name()));
                assertEquals(count, Snapshot.verify(file).entriesByState().get(state.name()));
            }
        }
    }

    @Test
    void a_snapshot_knows_its_states_and_counts() {
        TreeMap<String, String> expected = contents.read();
        try (Snapshot snapshot = store.snapshot()) {
            session.valueState("made later");
            contents.write(2, 1_000);
            assertEquals(List.of("values", "lists", "maps"), snapshot.states().stream().map(StateInfo::name).toList());
            assertEquals(StateKind.MAP, snapshot.states().get(2).kind());
            assertEquals(PartSize.fixed(2), snapshot.states().get(2).namespaceSize());
            assertEquals(KeyGroupRange.all(128), snapshot.keyGroups());
            for (int group = 0; group < 128; group++) {
                String prefix = "maps/" + group + "/";
                long count = expected.keySet().stream().filter(key -> key.startsWith(prefix)).count();
                assertEquals(count, snapshot.count("maps", group));
            }
            Expect.code(ErrorCode.STATE_NOT_FOUND, () -> snapshot.count("made later", 1));
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> snapshot.count("maps", 128));
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> snapshot.release("maps", -1));
        }
    }

    @Test
    void a_released_key_group_is_gone_and_the_others_are_there() {
        try (Snapshot snapshot = store.snapshot()) {
            long before = snapshot.count("values", 3);
            snapshot.release("values", 2);
            snapshot.release("values", 2);
            Expect.code(ErrorCode.CLOSED, () -> snapshot.count("values", 2));
            Expect.code(ErrorCode.CLOSED, () -> snapshot.writeTo(file, SnapshotOptions.defaults()));
            assertTrue(Files.notExists(file));
            assertEquals(before, snapshot.count("values", 3));
            SnapshotOptions others =
                    SnapshotOptions.builder().keyGroups(new KeyGroupRange(3, 9)).build();
            assertTrue(snapshot.writeTo(file, others).entries() > 0);
        }
    }

    @Test
    void values_are_found_by_their_keys() {
        session.setKey(5, Bytes.of("key"));
        session.valueState("single").put(Bytes.of("value"));
        session.setNamespace(Bytes.of("ns"));
        session.setMapKey("m");
        session.mapState("named", PartSize.fixed(2)).put(Bytes.of("mapped"));
        try (Snapshot snapshot = store.snapshot()) {
            snapshot.writeTo(file, SnapshotOptions.builder().blockBytes(4096).build());
        }
        byte[] key = Bytes.of("key");
        byte[] namespace = Bytes.of("ns");
        try (StoredSnapshot stored = Snapshot.read(file)) {
            assertArrayEquals(Bytes.of("value"), stored.get("single", 5, key));
            assertArrayEquals(Bytes.of("mapped"), stored.get("named", 5, key, namespace, Bytes.of("m")));
            assertNull(stored.get("named", 5, key, namespace, Bytes.of("n")));
            assertNull(stored.get("single", 4, key));
            assertNull(stored.get("single", 5, Bytes.of("kez")));
            Expect.code(ErrorCode.STATE_NOT_FOUND, () -> stored.get("nobody", 5, key));
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> stored.get("single", 128, key));
            Expect.code(ErrorCode.EMPTY_KEY, () -> stored.get("single", 5, new byte[0]));
            Expect.code(ErrorCode.KEY_PART_LENGTH, () -> stored.get("named", 5, key, key, key));
            Expect.code(ErrorCode.WRONG_STATE_KIND, () -> stored.get("single", 5, key, null, key));
        }
    }

    @Test
    void a_cursor_reads_the_key_groups_it_is_asked_for() {
        KeyGroupRange some = new KeyGroupRange(17, 31);
        TreeMap<String, String> expected = new Contents(reopenedSession()).read(some);
        try (Snapshot snapshot = store.snapshot()) {
            snapshot.writeTo(file, SnapshotOptions.builder().compression(Compression.LZ4).build());
        }
        long entries = 0;
        try (StoredSnapshot stored = Snapshot.read(file)) {
            for (StateInfo state : stored.info().states()) {
                try (StoredCursor cursor = stored.cursor(state.name(), some)) {
                    Expect.code(ErrorCode.CURSOR_INVALID, cursor::key);
                    while (cursor.next()) {
                        assertTrue(some.contains(cursor.keyGroup()));
                        String where = state.name() + "/" + cursor.keyGroup() + "/" + Bytes.hex(cursor.key().readRemaining());
                        assertEquals(expected.get(where), Bytes.hex(cursor.value().readRemaining()));
                        entries++;
                    }
                    assertTrue(!cursor.next());
                    Expect.code(ErrorCode.CURSOR_INVALID, cursor::value);
                }
            }
            try (StoredCursor none = stored.cursor("values", new KeyGroupRange(200, 300))) {
                assertTrue(!none.next());
            }
            Expect.code(ErrorCode.STATE_NOT_FOUND, () -> stored.cursor("nobody"));
        }
        assertEquals(expected.size(), entries);
    }

    @Test
    void a_cursor_gives_blocks() {
        long expected;
        try (Snapshot snapshot = store.snapshot()) {
            expected = snapshot.writeTo(file, SnapshotOptions.builder().blockBytes(4096).build()).entries();
        }
        long entries = 0;
        try (StoredSnapshot stored = Snapshot.read(file)) {
            for (StateInfo state : stored.info().states()) {
                try (StoredCursor cursor = stored.cursor(state.name())) {
                    assertTrue(cursor.next());
                    entries++;
                    for (Block block = cursor.nextBlock(); block != null; block = cursor.nextBlock()) {
                        entries += block.size();
                        assertEquals(cursor.keyGroup(), block.key(block.size() - 1).readByte());
                    }
                    assertTrue(!cursor.next());
                    assertNull(cursor.nextBlock());
                }
            }
        }
        assertEquals(expected, entries);
    }

    @Test
    void nothing_is_allocated_for_an_entry() {
        try (Snapshot snapshot = store.snapshot()) {
            snapshot.writeTo(file, SnapshotOptions.builder().blockBytes(4096).build());
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long allocated = Long.MAX_VALUE;
        long sum = 0;
        // Until the code is compiled, which the counter may see.
        for (int round = 0; round < 60 && allocated > 0; round++) {
            try (StoredSnapshot stored = Snapshot.read(file);
                    StoredCursor cursor = stored.cursor("values")) {
                assertTrue(cursor.next());
                long before = threads.getThreadAllocatedBytes(id);
                while (cursor.next()) {
                    sum += cursor.keyGroup() + cursor.key().remaining() + cursor.value().remaining();
                }
                allocated = threads.getThreadAllocatedBytes(id) - before;
            }
        }
        assertEquals(0, allocated);
        assertTrue(sum > 0);
    }

    private Session reopenedSession() {
        session.close();
        session = store.newSession();
        return session;
    }

    @Test
    void large_values_and_small_blocks() {
        session.setKey(1, Bytes.of("large"));
        session.valueState("large").put(Bytes.random(3_000_000, 7));
        SnapshotOptions small =
                SnapshotOptions.builder().blockBytes(4096).compression(Compression.ZSTD).build();
        try (Snapshot snapshot = store.snapshot()) {
            snapshot.writeTo(file, small);
        }
        try (StoredSnapshot stored = Snapshot.read(file);
                StoredCursor cursor = stored.cursor("large")) {
            assertTrue(cursor.next());
            assertArrayEquals(Bytes.random(3_000_000, 7), cursor.value().readRemaining());
            assertTrue(!cursor.next());
        }
    }

    @Test
    void other_threads_read_while_the_owner_writes() throws Exception {
        TreeMap<String, String> expected = contents.read();
        try (Snapshot snapshot = store.snapshot()) {
            List<FutureTask<TreeMap<String, String>>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Path path = directory.resolve("of-thread-" + i);
                FutureTask<TreeMap<String, String>> reader = new FutureTask<>(() -> {
                    snapshot.writeTo(path, SnapshotOptions.defaults());
                    try (StoredSnapshot stored = Snapshot.read(path)) {
                        return Contents.read(stored);
                    }
                });
                readers.add(reader);
                new Thread(reader).start();
            }
            for (long seed = 10; !readers.stream().allMatch(FutureTask::isDone); seed++) {
                contents.write(seed, 500).delete(seed, 500);
            }
            for (FutureTask<TreeMap<String, String>> reader : readers) {
                assertEquals(expected, reader.get());
            }
        }
    }

    @Test
    void several_snapshots_show_their_own_moments() {
        List<Snapshot> snapshots = new ArrayList<>();
        List<TreeMap<String, String>> expected = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            expected.add(contents.read());
            snapshots.add(store.snapshot());
            contents.write(100 + i, 1_000).delete(200 + i, 1_000);
        }
        for (int i = 3; i >= 0; i--) {
            Path path = directory.resolve("moment-" + i);
            snapshots.get(i).writeTo(path, SnapshotOptions.defaults());
            snapshots.get(i).close();
            try (StoredSnapshot stored = Snapshot.read(path)) {
                assertEquals(expected.get(i), Contents.read(stored));
            }
        }
    }

    @Test
    void nothing_is_overwritten_and_nothing_is_left_of_what_failed() {
        try (Snapshot snapshot = store.snapshot()) {
            snapshot.writeTo(file, SnapshotOptions.defaults());
            Expect.code(ErrorCode.SNAPSHOT_EXISTS, () -> snapshot.writeTo(file, SnapshotOptions.defaults()));
            Path missing = directory.resolve("no/such/directory");
            Expect.code(ErrorCode.IO, () -> snapshot.writeTo(missing, SnapshotOptions.defaults()));
            SnapshotOptions unknown = SnapshotOptions.builder().option("no-such-option", "1").build();
            String message = Expect.code(ErrorCode.INVALID_OPTION, () -> snapshot.writeTo(missing, unknown));
            assertTrue(message.contains("no-such-option=1"), message);
            SnapshotOptions tooMany =
                    SnapshotOptions.builder().keyGroups(new KeyGroupRange(100, 128)).build();
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> snapshot.stream(tooMany));
        }
        Snapshot.verify(file);
    }

    @Test
    void a_snapshot_outlives_its_session_and_its_store() {
        TreeMap<String, String> expected = contents.read();
        Snapshot snapshot = store.snapshot();
        session.close();
        store.close();
        Expect.code(ErrorCode.CLOSED, store::snapshot);
        Expect.code(ErrorCode.CLOSED, () -> store.snapshotSeries(SnapshotOptions.defaults()));
        // It keeps the directory.
        Expect.code(ErrorCode.LOCKED, () -> open(store.path()));
        snapshot.writeTo(file, SnapshotOptions.defaults());
        snapshot.close();
        snapshot.close();
        assertTrue(snapshot.isClosed() && snapshot.toString().contains("closed"));
        Expect.code(ErrorCode.CLOSED, () -> snapshot.count("values", 1));
        Expect.code(ErrorCode.CLOSED, () -> snapshot.release("values", 1));
        Expect.code(ErrorCode.CLOSED, () -> snapshot.stream(SnapshotOptions.defaults()));
        open(store.path()).close();
        try (StoredSnapshot stored = Snapshot.read(file)) {
            assertEquals(expected, Contents.read(stored));
        }
    }
}
