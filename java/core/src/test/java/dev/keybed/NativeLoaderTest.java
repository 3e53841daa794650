package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class NativeLoaderTest {
    @TempDir
    Path directory;

    private final Map<String, String> properties = new TreeMap<>();
    private byte[] nativeLibrary;

    @BeforeEach
    void useTheJarsCopy() throws IOException {
        nativeLibrary = IsolatedLibrary.nativeLibrary();
        set(NativeLoader.PATH_PROPERTY, null);
    }

    @AfterEach
    void restoreProperties() {
        properties.forEach((name, value) -> {
            if (value.isEmpty()) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }

    private void set(String property, Object value) {
        String before = value == null ? System.clearProperty(property) : System.setProperty(property, value.toString());
        properties.putIfAbsent(property, before == null ? "" : before);
    }

    private Path jar(byte[] nativeLibrary) throws Exception {
        return IsolatedLibrary.jar(directory.resolve("library.jar"), nativeLibrary);
    }

    /** The call throws the library's own exception with the code LIBRARY_LOAD, of its own class loader; the message. */
    private static String assertLoadFails(Executable call) {
        Throwable thrown = assertThrows(Throwable.class, call);
        assertEquals(KeybedException.class.getName(), thrown.getClass().getName(), thrown::toString);
        try {
            assertEquals("LIBRARY_LOAD", thrown.getClass().getMethod("errorCode").invoke(thrown).toString());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
        Platform here = Platform.current();
        String message = thrown.getMessage();
        for (String part : List.of(here.os(), here.arch(), here.libc(), NativeLoader.PATH_PROPERTY)) {
            assertTrue(message.contains(part), () -> "no " + part + " in: " + message);
        }
        return message;
    }

    @Test
    void each_class_loader_loads_the_jars_copy_for_itself() throws Throwable {
        Path jar = jar(nativeLibrary);
        try (IsolatedLibrary first = new IsolatedLibrary(jar);
                IsolatedLibrary second = new IsolatedLibrary(jar)) {
            first.useStore(directory.resolve("first"), true);
            second.useStore(directory.resolve("second"), true);
            first.useStore(directory.resolve("second"), true);
            assertEquals(Keybed.version(), second.version());
        }
    }

    @Test
    void the_copy_lies_in_a_private_directory_and_is_gone_after_loading() throws Throwable {
        Path extraction = directory.resolve("made/on/the/way");
        set(NativeLoader.DIRECTORY_PROPERTY, extraction);
        try (IsolatedLibrary library = new IsolatedLibrary(jar(nativeLibrary))) {
            library.version();
        }
        assertEquals(List.of(), list(extraction));

        List<String> permissions = new ArrayList<>();
        Runnable look = () -> {
            try {
                for (Path path : list(extraction)) {
                    permissions.add(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        // Never in the tests' own class loader: with a second copy there, natives that were not called yet would find that
        // copy and know nothing of the handles of the first.
        try (IsolatedLibrary library = new IsolatedLibrary(jar(nativeLibrary))) {
            Method load = Class.forName(NativeLoader.class.getName(), true, library.loader())
                    .getDeclaredMethod("load", Runnable.class);
            load.setAccessible(true);
            load.invoke(null, look);
        }
        assertEquals(List.of("rwx------"), permissions);
        assertEquals(List.of(), list(extraction));
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void a_directory_that_cannot_be_written_falls_through_to_the_next() throws Throwable {
        set(NativeLoader.DIRECTORY_PROPERTY, Files.createFile(directory.resolve("a-file")));
        set("java.io.tmpdir", "/proc");
        set("user.home", Files.createDirectory(directory.resolve("home")));
        try (IsolatedLibrary library = new IsolatedLibrary(jar(nativeLibrary))) {
            library.useStore(directory.resolve("store"), true);
        }
        assertEquals(List.of(), list(directory.resolve("home")));
    }

    @Test
    void a_directory_mounted_noexec_falls_through_to_the_next() throws Throwable {
        Path noexec = noexecDirectory();
        set(NativeLoader.DIRECTORY_PROPERTY, noexec);
        try (IsolatedLibrary library = new IsolatedLibrary(jar(nativeLibrary))) {
            library.useStore(directory.resolve("store"), true);
        }
        set("java.io.tmpdir", noexec);
        set("user.home", noexec);
        try (IsolatedLibrary library = new IsolatedLibrary(jar(nativeLibrary))) {
            String message = assertLoadFails(library::version);
            assertTrue(message.contains(noexec.toString()), message);
            assertTrue(message.contains(NativeLoader.DIRECTORY_PROPERTY), message);
        }
        assertEquals(0, list(noexec).stream().filter(p -> p.getFileName().toString().startsWith("keybed-")).count());
    }

    /** A directory this user may write to and not execute from; most Linux machines have one. */
    private static Path noexecDirectory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
            String[] fields = line.split(" ");
            List<String> options = List.of(fields[3].split(","));
            Path mount = Path.of(fields[1]);
            if (fields[2].equals("tmpfs")
                    && options.contains("noexec")
                    && options.contains("rw")
                    && Files.isDirectory(mount)
                    && Files.isWritable(mount)) {
                return mount;
            }
        }
        return Assumptions.abort("no file system is mounted noexec here");
    }

    @Test
    void a_wrong_path_is_an_error_that_names_it_and_the_property_each_time() throws Throwable {
        set(NativeLoader.PATH_PROPERTY, "/no/such/libkeybed.so");
        try (IsolatedLibrary library = new IsolatedLibrary(jar(nativeLibrary))) {
            String message = assertLoadFails(library::version);
            assertTrue(message.contains("/no/such/libkeybed.so"), message);
            assertEquals(message, assertLoadFails(library::version));
            assertEquals(message, assertLoadFails(() -> library.useStore(directory.resolve("store"), true)));
        }
    }

    @Test
    void a_library_that_is_not_keybeds_is_refused() throws Throwable {
        Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("prefs"));
        Assumptions.assumeTrue(Files.exists(other));
        Path copy = Files.copy(other, directory.resolve("other.so"));
        set(NativeLoader.PATH_PROPERTY, copy);
        try (IsolatedLibrary library = new IsolatedLibrary(jar(null))) {
            String message = assertLoadFails(library::version);
            assertTrue(message.contains("not that of Keybed"), message);
        }
    }

    @Test
    void a_library_of_another_interface_is_refused() {
        set(NativeLoader.PATH_PROPERTY, properties.get(NativeLoader.PATH_PROPERTY));
        String message = assertLoadFails(() -> NativeLoader.load(() -> {
            throw new UnsatisfiedLinkError("interface version 2");
        }));
        assertTrue(message.contains("interface version 2"), message);
    }

    @Test
    void a_jar_without_a_library_for_this_platform_says_so() throws Throwable {
        try (IsolatedLibrary library = new IsolatedLibrary(jar(null))) {
            String message = assertLoadFails(library::version);
            assertTrue(message.contains(IsolatedLibrary.RESOURCE), message);
        }
    }

    @Test
    void a_damaged_library_is_an_error_that_names_every_directory_tried() throws Throwable {
        Path own = directory.resolve("own");
        set(NativeLoader.DIRECTORY_PROPERTY, own);
        try (IsolatedLibrary library = new IsolatedLibrary(jar(Bytes.random(10_000, 1)))) {
            String message = assertLoadFails(library::version);
            for (String place : List.of(
                    own.toString(), System.getProperty("java.io.tmpdir"), System.getProperty("user.home"))) {
                assertTrue(message.contains(place), message);
            }
        }
        assertEquals(List.of(), list(own));
    }

    @Test
    void of_several_libraries_the_one_beside_the_classes_is_loaded() throws Throwable {
        Path other = IsolatedLibrary.nativeJar(directory.resolve("other.jar"), Bytes.random(10_000, 1));
        try (IsolatedLibrary library = new IsolatedLibrary(other, jar(nativeLibrary))) {
            assertEquals(Keybed.version(), library.version());
        }
    }

    @Test
    void of_several_libraries_elsewhere_all_must_be_equal() throws Throwable {
        Path classes = jar(null);
        Path one = IsolatedLibrary.nativeJar(directory.resolve("one.jar"), nativeLibrary);
        Path same = IsolatedLibrary.nativeJar(directory.resolve("same.jar"), nativeLibrary);
        Path other = IsolatedLibrary.nativeJar(directory.resolve("other.jar"), Bytes.random(10_000, 1));
        try (IsolatedLibrary library = new IsolatedLibrary(classes, one, same)) {
            assertEquals(Keybed.version(), library.version());
        }
        try (IsolatedLibrary library = new IsolatedLibrary(classes, one, other)) {
            String message = assertLoadFails(library::version);
            assertTrue(message.contains("one.jar") && message.contains("other.jar"), message);
        }
    }

    @Test
    void class_loaders_come_and_go() throws Exception {
        Path jar = jar(nativeLibrary);
        set(NativeLoader.PATH_PROPERTY, properties.get(NativeLoader.PATH_PROPERTY));
        String output = new ChildJvm(directory).run(ClassLoadersMain.class, jar.toString(), directory.toString());
        assertTrue(output.contains("20 class loaders collected"), output);
    }

    /**
     * Loads the library in 20 class loaders one after another; every other one leaves its store open, with RocksDB's
     * threads running if that is built in. All class loaders must be collected, and none may take the process with it.
     */
    static final class ClassLoadersMain {
        private ClassLoadersMain() {}

        public static void main(String[] arguments) throws Throwable {
            System.clearProperty(NativeLoader.PATH_PROPERTY);
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                loaders.add(use(Path.of(arguments[0]), Path.of(arguments[1], "store-" + i), i % 2 == 0));
                System.gc();
            }
            for (int i = 0; i < 200 && loaders.stream().anyMatch(loader -> loader.get() != null); i++) {
                System.gc();
                Thread.sleep(25);
            }
            long collected = loaders.stream().filter(loader -> loader.get() == null).count();
            System.out.println(collected + " class loaders collected");
        }

        private static WeakReference<ClassLoader> use(Path jar, Path store, boolean close) throws Throwable {
            try (IsolatedLibrary library = new IsolatedLibrary(jar)) {
                library.useStore(store, close);
                return new WeakReference<>(library.loader());
            }
        }
    }
}
