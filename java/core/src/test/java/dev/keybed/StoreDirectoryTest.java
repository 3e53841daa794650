package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store does with the directory it is given. */
class StoreDirectoryTest extends EngineTest {
    private void write(Path directory) {
        write(directory, engine);
    }

    private static void write(Path directory, Engine engine) {
        try (Store store = open(directory, engine);
                Session session = store.newSession()) {
            session.setKey(1, Bytes.of("k"));
            session.valueState("value").put(Bytes.of("a value"));
            ListState list = session.listState("list", PartSize.none());
            list.add(Bytes.of("a"));
            list.add(Bytes.of("b"));
            MapState map = session.mapState("map", PartSize.variable());
            session.setNamespace(Bytes.of("ns"));
            for (int i = 0; i < 1_000; i++) {
                session.setMapKey((long) i);
                map.put(Bytes.of("entry " + i));
            }
        }
    }

    private void assertWritten(Path directory) {
        try (Store store = open(directory);
                Session session = store.newSession()) {
            ListState list = session.listState("list");
            session.setKey(1, Bytes.of("k"));
            assertEquals("a value", Bytes.text(session.valueState("value").get()));
            assertEquals("a,b", Bytes.text(list.get()));
            list.add(Bytes.of("c"));
            assertEquals("a,b,c", Bytes.text(list.get()));
            list.put(Bytes.of("a,b"));
            MapState map = session.mapState("map", PartSize.variable());
            session.setNamespace(Bytes.of("ns"));
            int count = 0;
            for (EntryCursor cursor = map.scan(); cursor.next(); count++) {
                assertEquals(count, cursor.key().readLong());
                assertEquals("entry " + count, Bytes.text(cursor.value()));
            }
            assertEquals(1_000, count);
        }
    }

    @Test
    void what_was_written_is_there_when_the_store_is_opened_again() {
        write(directory);
        assertWritten(directory);
        assertWritten(directory);
    }

    @Test
    void what_was_flushed_survives_the_process_being_killed() throws Exception {
        Process child = startHolder();
        child.destroyForcibly().waitFor();
        assertWritten(directory.resolve("store"));
    }

    @Test
    void missing_directories_are_made() {
        write(directory.resolve("a/b/c"));
        assertWritten(directory.resolve("a/b/c"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "with space", "50%", "100%25", "a+b&c=d?e#f", "\u00e4\u00f6\u00fc", "\u6771\u4eac", "\ud83d\ude00", "\\", "'\""
            })
    void any_path_will_do(String name) {
        Path path;
        try {
            path = directory.resolve(name);
        } catch (InvalidPathException e) {
            Assumptions.abort("this JVM's locale has no such path");
            return;
        }
        write(path);
        assertWritten(path);
        assertTrue(Files.exists(path.resolve("KEYBED")));
    }

    @Test
    void a_relative_path_is_relative_to_the_working_directory() {
        Path relative = Path.of("").toAbsolutePath().relativize(directory.resolve("store"));
        write(relative);
        assertWritten(directory.resolve("store"));
    }

    @Test
    void a_path_of_another_file_system_is_refused() throws IOException {
        URI zip = URI.create("jar:" + directory.resolve("file.zip").toUri());
        try (FileSystem zipFiles = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Expect.code(ErrorCode.INVALID_ARGUMENT, () -> open(zipFiles.getPath("/store")));
        }
    }

    @Test
    void a_directory_can_be_open_once_in_a_process() {
        try (Store store = open(directory)) {
            String message = Expect.code(ErrorCode.LOCKED, () -> open(directory));
            assertTrue(message.contains(directory.toString()), message);
            assertFalse(store.isClosed());
        }
        open(directory).close();
    }

    @Test
    void a_directory_can_be_open_in_one_process_only() throws Exception {
        Process child = startHolder();
        try {
            Expect.code(ErrorCode.LOCKED, () -> open(directory.resolve("store")));
        } finally {
            child.destroyForcibly().waitFor();
        }
        // The lock of a process that was killed is no lock.
        assertWritten(directory.resolve("store"));
    }

    @Test
    void another_process_is_told_that_the_directory_is_open_here() throws Exception {
        Path path = directory.resolve("store");
        write(path);
        try (Store store = open(path)) {
            assertEquals("LOCKED", new ChildJvm(directory).run(OpenMain.class, path.toString(), engine.name()).strip());
            store.flush();
        }
        assertEquals("opened", new ChildJvm(directory).run(OpenMain.class, path.toString(), engine.name()).strip());
    }

    @Test
    void a_file_is_refused_and_untouched() throws IOException {
        Path file = Files.write(directory.resolve("file"), Bytes.of("content"));
        String message = Expect.code(ErrorCode.NOT_A_DIRECTORY, () -> open(file));
        assertTrue(message.contains(file.toString()), message);
        Expect.code(ErrorCode.NOT_A_DIRECTORY, () -> open(file.resolve("below")));
        assertEquals("content", Files.readString(file));
    }

    @Test
    void a_directory_of_something_else_is_refused_and_untouched() throws IOException {
        Files.write(directory.resolve("photo.jpg"), Bytes.random(1_000, 1));
        Files.createDirectory(directory.resolve("album"));
        String message = Expect.code(ErrorCode.FOREIGN_FORMAT, () -> open(directory));
        assertTrue(message.contains(directory.toString()), message);
        assertArrayEquals(Bytes.random(1_000, 1), Files.readAllBytes(directory.resolve("photo.jpg")));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void a_manifest_of_random_bytes_is_refused() throws IOException {
        write(directory);
        Files.write(directory.resolve("KEYBED"), Bytes.random(200, 2));
        Expect.code(ErrorCode.FOREIGN_FORMAT, () -> open(directory));
    }

    @Test
    void a_store_of_a_newer_version_is_refused_by_that_name() throws IOException {
        write(directory);
        Path manifest = directory.resolve("KEYBED");
        String before = Files.readString(manifest);
        assertTrue(before.startsWith("keybed-store 1\n"), before);
        Files.writeString(manifest, before.replaceFirst("keybed-store 1\n", "keybed-store 999\n"));
        String message = Expect.code(ErrorCode.NEWER_FORMAT, () -> open(directory));
        assertTrue(message.contains("999") && message.contains(directory.toString()), message);
        Files.writeString(manifest, before);
        assertWritten(directory);
    }

    @Test
    void a_manifest_with_any_byte_changed_is_refused() throws IOException {
        write(directory);
        Path manifest = directory.resolve("KEYBED");
        byte[] before = Files.readAllBytes(manifest);
        for (int i = 0; i < before.length; i++) {
            byte[] damaged = before.clone();
            damaged[i] ^= 4;
            Files.write(manifest, damaged);
            try {
                open(directory).close();
                throw new AssertionError("opened with byte " + i + " changed");
            } catch (KeybedException e) {
                assertTrue(e.getMessage().contains("KEYBED"), e.getMessage());
            }
        }
        Files.write(manifest, before);
        assertWritten(directory);
    }

    @Test
    void a_store_knows_its_path_and_has_statistics() {
        try (Store store = open(directory)) {
            assertEquals(directory, store.path());
            assertTrue(store.toString().contains(directory.toString()));
            assertFalse(store.statistics().isEmpty());
        }
    }

    /** A process that has written and flushed what {@link #assertWritten} expects, and holds the store open. */
    private Process startHolder() throws Exception {
        Path output = directory.resolve("holder.out");
        Process child = new ChildJvm(directory)
                .start(OpenMain.class, output, directory.resolve("store").toString(), engine.name(), "hold");
        for (int i = 0; i < 600 && !Files.readString(output).contains("holding"); i++) {
            assertTrue(child.isAlive(), () -> readString(output));
            Thread.sleep(50);
        }
        return child;
    }

    private static String readString(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The other process. */
    static final class OpenMain {
        private OpenMain() {}

        public static void main(String[] arguments) throws InterruptedException {
            Path path = Path.of(arguments[0]);
            Engine engine = Engine.valueOf(arguments[1]);
            boolean hold = arguments.length > 2;
            if (hold) {
                write(path, engine);
            }
            try (Store store = open(path, engine)) {
                if (hold) {
                    System.out.println("holding");
                    Thread.sleep(300_000);
                }
                System.out.println("opened");
            } catch (KeybedException e) {
                System.out.println(e.errorCode());
            }
        }
    }
}
