package dev.keybed.cluster;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** What the processes have on their class path, and the jar with the user's code. */
final class ClassPath {
    /** Of the test alone. */
    private static final List<String> NOT_OF_FLINK = List.of("junit", "opentest4j", "apiguardian", "surefire", "keybed");

    private ClassPath() {}

    /** The jar for lib/, as it is packaged. */
    static Path keybed() {
        Path jar = Path.of(System.getProperty("keybed.jar")).normalize();
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is not there: scripts/flink-cluster.sh builds it");
        }
        return jar;
    }

    /** Flink as Maven has resolved it for this module, which has no distribution. */
    static List<Path> flink() {
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .filter(jar -> NOT_OF_FLINK.stream().noneMatch(jar.getFileName().toString()::contains))
                .toList();
    }

    static List<Path> flinkWith(Path jar) {
        return Stream.concat(flink().stream(), Stream.of(jar)).toList();
    }

    /** Makes a jar of this module's jobs and of what other jars hold. */
    static Path userJar(Path file, Path... others) throws IOException {
        Path classes = Path.of(System.getProperty("keybed.job.classes"));
        Set<String> names = new HashSet<>();
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file));
                Stream<Path> paths = Files.walk(classes)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                String name = classes.relativize(path).toString();
                names.add(name);
                jar.putNextEntry(new JarEntry(name));
                Files.copy(path, jar);
            }
            for (Path other : others) {
                try (JarFile from = new JarFile(other.toFile())) {
                    for (JarEntry entry : from.stream().toList()) {
                        if (!entry.isDirectory() && names.add(entry.getName())) {
                            jar.putNextEntry(new JarEntry(entry.getName()));
                            try (InputStream bytes = from.getInputStream(entry)) {
                                bytes.transferTo(jar);
                            }
                        }
                    }
                }
            }
        }
        return file;
    }
}
