package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stores made from snapshots, with other key groups and on other engines. */
class RestoreTest extends StoreTest {
    private TreeMap<String, String> expected;
    private int made;

    @BeforeEach
    void fill() {
        expected = new Contents(session).write(1, 4_000).delete(2, 2_000).read();
    }

    private Path fresh(String what) {
        made++;
        return directory.resolve(what + "-" + made);
    }

    private Path write(Store store) {
        Path file = fresh("file");
        try (Snapshot snapshot = store.snapshot()) {
            snapshot.writeTo(file, SnapshotOptions.builder().blockBytes(4096).build());
        }
        return file;
    }

    private Path writeDirectory(Store store) {
        Path path = fresh("directory");
        try (SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults())) {
            series.write(path);
        }
        return path;
    }

    private Store restore(Engine engine, KeyGroupRange keyGroups, List<Path> snapshots) {
        StoreOptions options =
                StoreOptions.builder().engine(engine).keyGroups(keyGroups).build();
        return Store.restore(fresh("store"), options, snapshots);
    }

    /** Stores of so many tasks from the snapshots of another number of tasks. */
    private List<Path> rescale(List<Path> snapshots, int parallelism, boolean directories) {
        List<Path> written = new ArrayList<>();
        TreeMap<String, String> together = new TreeMap<>();
        for (int task = 0; task < parallelism; task++) {
            KeyGroupRange keyGroups = KeyGroupRange.ofTask(128, parallelism, task);
            try (Store restored = restore(engine, keyGroups, snapshots)) {
                together.putAll(Contents.read(restored, keyGroups));
                written.add(directories ? writeDirectory(restored) : write(restored));
            }
        }
        assertEquals(expected, together);
        return written;
    }

    @Test
    void state_survives_rescaling_through_files() {
        List<Path> snapshots = List.of(write(store));
        for (int parallelism : new int[] {2, 3, 1}) {
            snapshots = rescale(snapshots, parallelism, false);
        }
    }

    @Test
    void state_survives_rescaling_through_directories() {
        List<Path> snapshots = List.of(writeDirectory(store));
        for (int parallelism : new int[] {2, 3, 1}) {
            snapshots = rescale(snapshots, parallelism, true);
        }
    }

    @Test
    void a_file_can_be_restored_on_every_engine() {
        Path file = write(store);
        for (Engine other : EngineTest.engines()) {
            try (Store restored = restore(other, KeyGroupRange.all(128), List.of(file))) {
                assertEquals(expected, Contents.read(restored, KeyGroupRange.all(128)));
                assertEquals(store.states(), restored.states());
            }
        }
    }

    @Test
    void a_restored_store_is_a_store() {
        KeyGroupRange half = new KeyGroupRange(64, 127);
        Path path;
        try (Store restored = restore(engine, half, List.of(write(store)));
                Session own = restored.newSession()) {
            path = restored.path();
            new Contents(own).write(3, 500, half);
            ValueState values = own.valueState("more");
            own.setKey(63, 1L);
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> values.put(Bytes.of("v")));
            try (Snapshot snapshot = restored.snapshot()) {
                assertEquals(half, snapshot.keyGroups());
            }
        }
        StoreOptions options = engineOptions().keyGroups(half).createIfMissing(false).build();
        try (Store again = Store.open(path, options)) {
            assertTrue(Contents.read(again, half).size() > 0);
        }
        StoreOptions others = engineOptions().keyGroups(new KeyGroupRange(0, 63)).build();
        Expect.code(ErrorCode.OPTIONS_MISMATCH, () -> Store.open(path, others));
    }

    @Test
    void what_does_not_fit_together_is_refused_and_leaves_nothing() throws Exception {
        Path file = write(store);
        Path target = directory.resolve("refused");
        StoreOptions options = engineOptions().build();
        Expect.code(ErrorCode.INVALID_ARGUMENT, () -> Store.restore(target, options, List.of()));
        Expect.code(ErrorCode.SNAPSHOT_MISMATCH, () -> Store.restore(target, options, List.of(file, file)));
        StoreOptions other = engineOptions().maxParallelism(64).build();
        Expect.code(ErrorCode.SNAPSHOT_MISMATCH, () -> Store.restore(target, other, List.of(file)));
        Expect.code(ErrorCode.IO, () -> Store.restore(target, options, List.of(directory.resolve("none"))));
        Path half;
        try (Store first = restore(engine, new KeyGroupRange(0, 63), List.of(file))) {
            half = write(first);
        }
        String message =
                Expect.code(ErrorCode.SNAPSHOT_MISMATCH, () -> Store.restore(target, options, List.of(half)));
        assertTrue(message.contains("64"), message);
        assertTrue(Files.notExists(target));
        Expect.code(ErrorCode.STORE_EXISTS, () -> Store.restore(store.path(), options, List.of(file)));
        Path garbage = Files.write(directory.resolve("garbage"), Bytes.random(5_000, 1));
        Expect.code(ErrorCode.FOREIGN_FORMAT, () -> Store.restore(target, options, List.of(garbage)));
    }
}
