package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryDemoTest extends EngineTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... words) {
        PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
        // The last of two engines counts.
        List<String> all = new ArrayList<>(List.of("--engine", engine));
        all.addAll(List.of(words));
        return new DirectoryDemo(outStream, errStream, Timing.ofMillis(1, 1)).run(all.toArray(new String[0]));
    }

    /** The value of a row of the table. */
    private String row(String name) {
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + "  "))
                .map(line -> line.substring(name.length()).strip().split(" {2}")[0])
                .findFirst()
                .orElseThrow();
    }

    private Path oddTree() throws IOException {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Path odd = OddTree.directory(tree, "dir%FF%0A%25");
        OddTree.file(odd, "%80%81");
        OddTree.file(odd, "new%0Aline");
        OddTree.directory(odd, "%FF%FF");
        Files.createDirectory(tree.resolve("empty"));
        Files.createSymbolicLink(tree.resolve("loop"), tree);
        Files.createSymbolicLink(tree.resolve("dangling"), tree.resolve("nowhere"));
        Files.createLink(tree.resolve("hard"), Files.writeString(tree.resolve("plain"), "text"));
        return tree;
    }

    @Test
    void every_answer_about_a_tree_of_odd_names_and_links_is_right() throws IOException {
        assertEquals(0, run("--dir", oddTree().toString()), err::toString);
        assertEquals("9", row("entries"));
        assertEquals("4", row("directories"));
        assertEquals("0", row("skipped"));
        assertEquals("18", row("paths checked"));
        assertEquals("8", row("listings checked"));
        assertEquals("9", row("records rewritten"));
        assertEquals("0", row("wrong answers"));
    }

    @Test
    void an_empty_tree_is_a_tree() {
        assertEquals(0, run("--dir", directory.toString()), err::toString);
        assertEquals("0", row("entries"));
        assertEquals("1", row("directories"));
    }

    @Test
    void a_link_to_a_directory_is_followed_when_it_is_the_root() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), oddTree());
        assertEquals(0, run("--dir", link.toString()), err::toString);
        assertEquals("9", row("entries"));
    }

    @Test
    void a_store_inside_the_tree_is_left_out_and_kept() throws IOException {
        Path tree = oddTree();
        Path store = tree.resolve("store");
        assertEquals(0, run("--dir", tree.toString(), "--store", store.toString()), err::toString);
        assertEquals("9", row("entries"));
        assertEquals("1", row("skipped"));
        assertTrue(Files.isDirectory(store));
    }

    @Test
    void a_store_that_is_there_already_is_refused_in_one_line() throws IOException {
        String tree = oddTree().toString();
        String store = directory.resolve("store").toString();
        assertEquals(0, run("--dir", tree, "--store", store), err::toString);
        err.reset();
        assertEquals(2, run("--dir", tree, "--store", store));
        assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void what_cannot_run_says_so_in_one_line() {
        String[][] calls = {
            {"--dir", "/no/such/directory"}, {"--what"}, {"--dir", directory.toString(), "--engine", "none"}
        };
        for (String[] call : calls) {
            err.reset();
            assertEquals(2, run(call));
            assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count(), err::toString);
        }
        assertEquals(0, out.size());
    }

    @Test
    void a_temporary_store_is_deleted(@TempDir Path temporary) throws IOException {
        Path path;
        try (StoreDirectory store = StoreDirectory.of(null)) {
            path = store.path();
            Files.createDirectories(path.resolve("a/b"));
            Files.createFile(path.resolve("a/b/c"));
            Files.createSymbolicLink(path.resolve("link"), temporary);
        }
        assertFalse(Files.exists(path));
        assertTrue(Files.exists(temporary));
    }

    @Test
    void help_goes_to_standard_output() {
        assertEquals(0, run("--help"));
        assertEquals(Arguments.USAGE, out.toString(StandardCharsets.UTF_8));
    }
}
