package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The JVM's own check of native code, {@code -Xcheck:jni}, has nothing to complain about. */
class JniCheckTest extends EngineTest {
    @Test
    void the_jvm_has_no_complaints_about_natives_and_their_errors() throws Exception {
        // ChildJvm fails on any complaint.
        String output = new ChildJvm(directory)
                .run(Workout.class, directory.resolve("store").toString(), engine.name());
        assertTrue(output.contains("done"), output);
    }

    /** Every cold native often enough to overflow what it might forget to free, and errors of each kind. */
    static final class Workout {
        private Workout() {}

        public static void main(String[] arguments) {
            Path path = Path.of(arguments[0]);
            Engine engine = Engine.valueOf(arguments[1]);
            StoreOptionsBuilder options = StoreOptions.builder();
            for (int i = 0; i < 100; i++) {
                options.maxKeyBytes(1_000).maxValueBytes(1_000_000).writeAheadLog(true).compression(Compression.NONE);
                options.blockCacheBytes(1 << 20).writeBufferBytes(1 << 20).bloomBitsPerKey(5).memtableBloomRatio(0.1);
                options.maxOpenFiles(100).maxBackgroundJobs(1).rocksOptions("").createIfMissing(true);
                options.keyEncoding(KeyEncoding.ORDERED).keySize(PartSize.variable()).engine(engine);
                options.maxParallelism(128).errorIfExists(false);
                options.memorySlot("").memoryLimitBytes(0).tableFlushOnClose(true);
            }
            StoreOptions built = options.build();
            try (Store store = Store.open(path, built);
                    Session session = store.newSession()) {
                for (int i = 0; i < 100; i++) {
                    session.mapState("state " + i, PartSize.variable());
                }
                MapState map = session.mapState("map");
                for (int i = 0; i < 300; i++) {
                    use(store, built, session, map);
                    if (i % 6 == 0) {
                        useSnapshots(store, path.resolveSibling("snapshots-" + i));
                    }
                }
            }
            System.out.println(Keybed.version() + " " + Keybed.features() + " done");
        }

        private static void useSnapshots(Store store, Path path) {
            Path file = path.resolveSibling("file-" + path.getFileName());
            ByteBuffer target = ByteBuffer.allocate(1 << 20);
            SnapshotOptions one = SnapshotOptions.builder()
                    .blockBytes(4096)
                    .keyGroups(new KeyGroupRange(1, 1))
                    .build();
            try (Snapshot snapshot = store.snapshot();
                    SnapshotStream stream = snapshot.stream(one);
                    SnapshotSeries series = store.snapshotSeries(SnapshotOptions.defaults())) {
                snapshot.count("map", 1);
                snapshot.writeTo(file, one);
                while (stream.next(target.clear()) > 0) {
                    stream.summary();
                }
                snapshot.release("map", 1);
                Expect.code(ErrorCode.CLOSED, () -> snapshot.count("map", 1));
                if (path.toString().endsWith("0")) {
                    series.write(path);
                    Snapshot.verifyFiles(path);
                }
                Expect.code(ErrorCode.SNAPSHOT_EXISTS, () -> series.write(file));
            }
            Snapshot.verify(file);
            try (StoredSnapshot stored = Snapshot.read(file);
                    StoredCursor cursor = stored.cursor("map")) {
                while (cursor.next()) {
                    cursor.key();
                }
                stored.count("map");
                stored.get("map", 1, Bytes.of("k"), null, Bytes.of("m"));
                Expect.code(ErrorCode.STATE_NOT_FOUND, () -> stored.count("nobody"));
            }
            if (path.toString().endsWith("0")) {
                Path restored = path.resolveSibling("restored-" + path.getFileName());
                StoreOptions options = StoreOptions.builder()
                        .option("engine", store.statistics().get("engine"))
                        .keyGroups(new KeyGroupRange(1, 1))
                        .build();
                Store.restore(restored, options, List.of(file)).close();
                Expect.code(ErrorCode.STORE_EXISTS, () -> Store.restore(restored, options, List.of(file)));
            }
            file.toFile().delete();
        }

        private static void use(Store store, StoreOptions options, Session session, MapState map) {
            session.setKey(1, Bytes.of("k"));
            session.setMapKey("m");
            map.put(Bytes.random(70_000, 1));
            map.getBytes();
            session.setMapKey("number");
            map.addLong(1);
            session.setMapKey("m");
            Expect.code(ErrorCode.INVALID_ARGUMENT, () -> map.addLong(1));
            session.compositeKey(map, ByteBuffer.allocateDirect(100));
            store.statistics();
            store.figures();
            store.states();
            store.flush();
            NativeLibrary.liveHandles();
            try (Session other = store.newSession();
                    EntryCursor cursor = map.newCursor()) {
                cursor.seek();
                other.release();
                other.acquire();
            }
            Expect.code(ErrorCode.BUFFER_TOO_SMALL, () -> session.compositeKey(map, ByteBuffer.allocateDirect(1)));
            Expect.code(ErrorCode.STATE_ALREADY_OPEN, () -> session.mapState("map"));
            Expect.code(ErrorCode.LOCKED, () -> Store.open(store.path(), options));
            session.setKey(9999, 1L);
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, map::isEmpty);
        }
    }
}
