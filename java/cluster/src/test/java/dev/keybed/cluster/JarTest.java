package dev.keybed.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The jar for lib/ has what it needs and nothing that is anybody else's. */
class JarTest {
    private static final Pattern ALLOWED = Pattern.compile("dev/keybed/(flink/)?[A-Za-z0-9$-]+\\.class"
            + "|META-INF/(MANIFEST\\.MF|LICENSE|NOTICE)"
            + "|META-INF/native/linux-(x86_64|aarch64)/libkeybed\\.so"
            + "|META-INF/maven/dev\\.keybed/keybed-flink/pom\\.(xml|properties)");

    @Test
    void onlyKeybedIsInIt() throws Exception {
        List<String> strange = new ArrayList<>();
        Set<String> needed = new java.util.TreeSet<>(Set.of(
                "dev/keybed/Store.class",
                "dev/keybed/flink/KeybedStateBackendFactory.class",
                "META-INF/LICENSE",
                "META-INF/NOTICE",
                "META-INF/native/linux-" + System.getProperty("os.arch").replace("amd64", "x86_64") + "/libkeybed.so"));
        try (JarFile jar = new JarFile(ClassPath.keybed().toFile())) {
            for (JarEntry entry : jar.stream().filter(each -> !each.isDirectory()).toList()) {
                needed.remove(entry.getName());
                if (!ALLOWED.matcher(entry.getName()).matches()) {
                    strange.add(entry.getName());
                }
            }
            assertEquals(List.of(), strange);
            assertEquals(Set.of(), needed);
            assertTrue(text(jar, "META-INF/LICENSE").contains("Apache License"));
        }
    }

    /** Every crate that is linked into the library, by name and version, with a licence; and the C and C++ libraries in some of them. */
    @Test
    void theNoticeNamesAllThatIsLinked() throws Exception {
        Path root = Path.of(System.getProperty("keybed.root"));
        String lock = Files.readString(root.resolve("Cargo.lock"));
        try (JarFile jar = new JarFile(ClassPath.keybed().toFile())) {
            String notice = text(jar, "META-INF/NOTICE");
            for (String library : List.of("RocksDB", "LZ4", "Zstandard")) {
                assertTrue(notice.contains(library), library);
            }
            Matcher line = Pattern.compile("(?m)^- (\\S+) (\\d\\S*), under (.+)$").matcher(notice);
            int crates = 0;
            while (line.find()) {
                String locked = "name = \"" + line.group(1) + "\"\nversion = \"" + line.group(2) + "\"";
                assertTrue(lock.contains(locked), line.group() + " is not what Cargo.lock has");
                crates++;
            }
            Set<String> linked = linkedCrates(root);
            assertEquals(linked.size(), crates, () -> "linked: " + linked);
            linked.forEach(crate -> assertTrue(notice.contains("- " + crate + ", under "), crate));
        }
    }

    /** What cargo says is linked: without build scripts, macros, tests, and what only the tool needs. */
    private static Set<String> linkedCrates(Path root) throws Exception {
        Process cargo = new ProcessBuilder(
                        "cargo", "tree", "--offline", "--locked", "--no-default-features", "--features", "rocks",
                        "-e", "normal,no-proc-macro", "--prefix", "none", "-f", "{p}")
                .directory(root.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Set<String> crates = new java.util.TreeSet<>();
        for (String line : new String(cargo.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
            Matcher crate = Pattern.compile("(\\S+) v(\\S+)( \\(\\*\\))?").matcher(line.trim());
            if (crate.matches() && !crate.group(1).equals("keybed")) {
                crates.add(crate.group(1) + " " + crate.group(2));
            }
        }
        assertEquals(0, cargo.waitFor());
        return crates;
    }

    private static String text(JarFile jar, String name) throws Exception {
        return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }
}
