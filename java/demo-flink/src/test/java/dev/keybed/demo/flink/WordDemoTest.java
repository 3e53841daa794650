package dev.keybed.demo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo on a small directory of odd files. */
class WordDemoTest {
    private static final int RIGHT = 0;
    private static final int NOT_RUN = 2;

    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void files() throws Exception {
        // Two passages of "once": lines 0 and 30, and line 61, which is 31 lines after.
        Files.writeString(directory.resolve("a"), "Once upon\n" + "a\n".repeat(29) + "once ONCE\n" + "b\n".repeat(30) + "once");
        try (Writer gz = new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(directory.resolve("b.gz"))), StandardCharsets.UTF_8)) {
            gz.write("Größe, 2 × größe\n");
        }
        Files.write(directory.resolve("c"), new byte[] {'n', 'o', 0, 't'});
        Files.writeString(directory.resolve("d.gz"), "not compressed");
        Files.writeString(directory.resolve("e"), "");
        Files.write(directory.resolve("f"), new byte[] {(byte) 0xff, 'x', '\n', '\n', 'y'});
    }

    private int run(String... words) {
        return new WordDemo(new PrintStream(out, true), new PrintStream(err, true)).run(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "rocks"})
    void theJobCountsAsThePlainLoopDoes(String engine) {
        assertEquals(RIGHT, run("--dir", directory.toString(), "--engine", engine), err::toString);
        assertTrue(out.toString().contains("3 text files"), out::toString);
        assertTrue(out.toString().matches("(?s).*wrong answers +0  .*"), out::toString);
    }

    @Test
    void thePlainLoopFindsPassages() throws Exception {
        Map<String, WordResult> results = PlainCount.of(Corpus.of(List.of(directory), Long.MAX_VALUE));
        assertEquals(
                new WordResult(4, 2, 3, Passage.digest(0, 30, 3) + Passage.digest(61, 61, 1)), results.get("once"));
        assertEquals(2, results.get("größe").occurrences());
        assertEquals(1, results.get("2").occurrences());
        assertTrue(results.containsKey("x") && results.containsKey("y"));
    }

    @Test
    void aWrongCountIsNoticed() throws Exception {
        Corpus corpus = Corpus.of(List.of(directory), Long.MAX_VALUE);
        Map<String, WordResult> results = PlainCount.of(corpus);
        Map<String, WordResult> job = new WordJob(corpus, "table", Files.createDirectory(directory.resolve("tmp"))).run();
        assertEquals(results, job);
        job.computeIfPresent("once", (word, result) -> result.withPassage(1, 1, 0));
        assertEquals(1, WordDemo.wrong(results, job).size());
        job.put("never", new WordResult(1, 1, 1, 1));
        assertEquals(2, WordDemo.wrong(results, job).size());
    }

    @Test
    void mistakesAreToldInAWord() {
        assertEquals(NOT_RUN, run("--dir", directory.resolve("none").toString()));
        assertTrue(err.toString().contains("there is no directory"), err::toString);
        assertEquals(NOT_RUN, run("--engine", "heap"));
        assertTrue(err.toString().contains("table, rocks or both"), err::toString);
        assertEquals(NOT_RUN, run("--words", "many"));
        assertEquals(RIGHT, run("--help"));
    }
}
