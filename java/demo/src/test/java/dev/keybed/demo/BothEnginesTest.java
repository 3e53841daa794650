package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BothEnginesTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void requireBoth() {
        Assumptions.assumeTrue(EngineTest.engines().size() == 2, "the tests run on one engine");
    }

    private int run(String... words) {
        PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new DirectoryDemo(outStream, errStream, Timing.ofMillis(1, 1)).run(words);
    }

    /** The values of each row of the table, without the note. */
    private Map<String, List<String>> rows() {
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(" {2,}"))
                .collect(Collectors.toMap(cells -> cells[0], BothEnginesTest::values));
    }

    private static List<String> values(String[] cells) {
        return Arrays.asList(cells).subList(1, Math.min(3, cells.length));
    }

    @Test
    void both_give_the_same_right_answers_side_by_side() throws IOException {
        Path tree = Files.createDirectories(directory.resolve("tree/sub")).getParent();
        Files.writeString(tree.resolve("file"), "text");
        // Kept inside the tree: neither store may be taken for a part of it.
        Path stores = tree.resolve("stores");
        assertEquals(0, run("--engine", "both", "--dir", tree.toString(), "--store", stores.toString()), err::toString);
        assertEquals(List.of("table", "rocks"), rows().get("engine"));
        for (String same : List.of("entries", "directories", "paths checked", "listings checked", "records rewritten")) {
            List<String> values = rows().get(same);
            assertEquals(values.get(0), values.get(1), same);
        }
        assertEquals(List.of("2", "2"), rows().get("entries"));
        assertEquals(List.of("0", "0"), rows().get("wrong answers"));
        assertTrue(Files.isDirectory(stores.resolve("table")) && Files.isDirectory(stores.resolve("rocks")));
    }
}
