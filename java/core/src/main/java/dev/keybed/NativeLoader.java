package dev.keybed;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds and loads the native library.
 *
 * <ol>
 *   <li>{@code -Dkeybed.native.path=/path/to/libkeybed.so}: that file and nothing else.
 *   <li>The jar's own copy, {@code META-INF/native/<os>-<arch>/libkeybed.so}. A file can be loaded by one class loader
 *       only, so each one extracts a copy of its own, into a fresh directory that only this user can enter, and deletes
 *       it once it is loaded. Directories are tried in turn, because many machines mount {@code /tmp} noexec:
 *       {@code -Dkeybed.native.dir}, {@code java.io.tmpdir}, {@code user.home}.
 * </ol>
 */
final class NativeLoader {
    static final String PATH_PROPERTY = "keybed.native.path";
    static final String DIRECTORY_PROPERTY = "keybed.native.dir";

    /** Each place that was tried and why it did not do. */
    private final List<String> failures = new ArrayList<>();

    private final Platform platform = Platform.current();
    private final Runnable check;

    private NativeLoader(Runnable check) {
        this.check = check;
    }

    /**
     * Loads the library into the class loader of this class.
     *
     * @param check runs after a library was loaded; throws {@link UnsatisfiedLinkError} to refuse it
     * @throws KeybedException LIBRARY_LOAD naming the platform, each place tried with the reason, and what to set
     */
    static void load(Runnable check) {
        new NativeLoader(check).load();
    }

    private void load() {
        String path = System.getProperty(PATH_PROPERTY);
        if (path != null) {
            if (!loadFile(new File(path), PATH_PROPERTY + "=" + path)) {
                throw failed("Correct the system property " + PATH_PROPERTY + ", or remove it to use the jar's own copy.");
            }
            return;
        }
        String resource = "META-INF/native/" + platform.folder() + "/" + System.mapLibraryName("keybed");
        URL library = NativeResource.find(resource, failures);
        if (library == null) {
            throw failed("Set the system property " + PATH_PROPERTY + " to a library built for this platform.");
        }
        for (Path directory : directories()) {
            if (extractAndLoad(library, directory)) {
                return;
            }
        }
        throw failed("Set the system property " + DIRECTORY_PROPERTY + " to a directory where this user may write and"
                + " execute files, or " + PATH_PROPERTY + " to the library itself.");
    }

    private static Set<Path> directories() {
        Set<Path> directories = new LinkedHashSet<>();
        for (String property : List.of(DIRECTORY_PROPERTY, "java.io.tmpdir", "user.home")) {
            String directory = System.getProperty(property);
            if (directory != null && !directory.isEmpty()) {
                directories.add(Path.of(directory).toAbsolutePath());
            }
        }
        return directories;
    }

    private boolean extractAndLoad(URL library, Path parent) {
        Path directory = null;
        Path file = null;
        try {
            var onlyThisUser = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            Files.createDirectories(parent);
            directory = Files.createTempDirectory(parent, "keybed-", onlyThisUser);
            file = directory.resolve(System.mapLibraryName("keybed"));
            try (InputStream bytes = NativeResource.open(library)) {
                Files.copy(bytes, file);
            }
            return loadFile(file.toFile(), parent.toString());
        } catch (IOException | RuntimeException e) {
            failures.add(parent + ": " + e);
            return false;
        } finally {
            // The mapping outlives the file.
            delete(file);
            delete(directory);
        }
    }

    private boolean loadFile(File file, String place) {
        try {
            System.load(file.getAbsolutePath());
            check.run();
            return true;
        } catch (UnsatisfiedLinkError | RuntimeException e) {
            failures.add(place + ": " + e.getMessage());
            return false;
        }
    }

    private static void delete(Path path) {
        if (path != null && !path.toFile().delete() && Files.exists(path)) {
            path.toFile().deleteOnExit();
        }
    }

    private KeybedException failed(String advice) {
        return new KeybedException(
                ErrorCode.LIBRARY_LOAD,
                "the native library of Keybed could not be loaded on " + platform + ". Tried:\n  - "
                        + String.join("\n  - ", failures) + "\n" + advice);
    }
}
