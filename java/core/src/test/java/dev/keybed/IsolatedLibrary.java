package dev.keybed;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The library once more, from jars, in a class loader of its own that shares nothing with the tests' own. */
final class IsolatedLibrary implements Closeable {
    static final String RESOURCE =
            "META-INF/native/" + Platform.current().folder() + "/" + System.mapLibraryName("keybed");

    private final URLClassLoader loader;

    IsolatedLibrary(Path... jars) throws IOException {
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            urls.add(jar.toUri().toURL());
        }
        loader = new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    }

    /** A jar of this library's classes, with these bytes as its native library, or none if null. */
    static Path jar(Path target, byte[] nativeLibrary) throws Exception {
        Path classes = Path.of(Store.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (OutputStream file = Files.newOutputStream(target);
                JarOutputStream jar = new JarOutputStream(file);
                Stream<Path> paths = Files.walk(classes)) {
            for (Path path : (Iterable<Path>) paths.filter(p -> p.toString().endsWith(".class"))::iterator) {
                jar.putNextEntry(new JarEntry(classes.relativize(path).toString()));
                Files.copy(path, jar);
            }
            if (nativeLibrary != null) {
                putNativeLibrary(jar, nativeLibrary);
            }
        }
        return target;
    }

    /** A jar of nothing but a native library. */
    static Path nativeJar(Path target, byte[] nativeLibrary) throws IOException {
        try (OutputStream file = Files.newOutputStream(target);
                JarOutputStream jar = new JarOutputStream(file)) {
            putNativeLibrary(jar, nativeLibrary);
        }
        return target;
    }

    private static void putNativeLibrary(JarOutputStream jar, byte[] nativeLibrary) throws IOException {
        jar.putNextEntry(new JarEntry(RESOURCE));
        // In small arrays: under -Xcheck:jni the JVM copies a whole array for each few hundred bytes it compresses.
        InputStream bytes = new ByteArrayInputStream(nativeLibrary);
        byte[] piece = new byte[8192];
        for (int length = bytes.read(piece); length > 0; length = bytes.read(piece)) {
            jar.write(piece, 0, length);
        }
    }

    /** The native library that the tests run with. */
    static byte[] nativeLibrary() throws IOException {
        return Files.readAllBytes(Path.of(System.getProperty(NativeLoader.PATH_PROPERTY)));
    }

    ClassLoader loader() {
        return loader;
    }

    String version() throws Throwable {
        return (String) call("Keybed", "version");
    }

    /** Opens a store, puts and gets a value, and closes it unless told to forget it. */
    void useStore(Path directory, boolean close) throws Throwable {
        // The last engine is the one with threads: RocksDB, if the tests run on it.
        List<Engine> engines = EngineTest.engines();
        Object builder = call("StoreOptions", "builder");
        String engine = engines.get(engines.size() - 1).optionValue();
        invoke(builder, "option", new Class<?>[] {String.class, String.class}, "engine", engine);
        Object options = invoke(builder, "build");
        Class<?>[] types = {Path.class, options.getClass()};
        Object store = call("Store", "open", types, directory, options);
        Object session = invoke(store, "newSession");
        Object state = invoke(session, "valueState", new Class<?>[] {String.class}, "value");
        invoke(session, "setKey", new Class<?>[] {int.class, long.class}, 1, 42L);
        invoke(state, "put", new Class<?>[] {byte[].class}, Bytes.of("isolated"));
        String found = Bytes.text((byte[]) invoke(state, "getBytes"));
        if (!"isolated".equals(found)) {
            throw new AssertionError("found " + found);
        }
        if (close) {
            invoke(store, "close");
        }
    }

    private Object call(String type, String method) throws Throwable {
        return call(type, method, new Class<?>[0]);
    }

    private Object call(String type, String method, Class<?>[] types, Object... arguments) throws Throwable {
        Class<?> found = Class.forName("dev.keybed." + type, true, loader);
        if (found.getClassLoader() != loader) {
            throw new AssertionError("not isolated");
        }
        return invoke(found.getMethod(method, types), null, arguments);
    }

    private static Object invoke(Object target, String method) throws Throwable {
        return invoke(target, method, new Class<?>[0]);
    }

    private static Object invoke(Object target, String method, Class<?>[] types, Object... arguments) throws Throwable {
        return invoke(target.getClass().getMethod(method, types), target, arguments);
    }

    private static Object invoke(Method method, Object target, Object... arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
