package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long now;

    private Progress progress(boolean terminal) {
        return new Progress(out, terminal, () -> now);
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_log_gets_a_line_every_few_seconds_and_no_carriage_return() {
        Progress progress = progress(false);
        progress.begin("load", "entries", 0);
        for (int i = 0; i < 100; i++) {
            now += SECOND / 10;
            progress.add(10);
        }
        progress.end();
        List<String> lines = text().lines().toList();
        assertFalse(text().contains("\r"));
        assertEquals(4, lines.size());
        assertEquals(ProgressText.line("load", "entries", new Rate(300, 3 * SECOND)) + "  so far", lines.get(0));
        assertEquals(ProgressText.line("load", "entries", new Rate(1000, 10 * SECOND)), lines.get(3));
    }

    @Test
    void a_terminal_gets_one_line_that_is_drawn_again() {
        Progress progress = progress(true);
        progress.begin("check", "paths", 4);
        for (int i = 0; i < 4; i++) {
            now += SECOND;
            progress.add(1);
        }
        progress.end();
        assertEquals(1, text().chars().filter(c -> c == '\n').count());
        assertTrue(text().contains("50%"));
        String[] drawn = text().stripTrailing().split("\r");
        String last = drawn[drawn.length - 1].stripTrailing();
        assertEquals(ProgressText.line("check", "paths", new Rate(4, 4 * SECOND)), last);
    }

    @Test
    void a_shorter_text_leaves_nothing_of_a_longer_one() {
        Progress progress = progress(true);
        progress.begin("check", "paths", 4);
        now += SECOND;
        progress.add(1);
        progress.end();
        String[] drawn = text().replace("\n", "").split("\r");
        assertEquals(drawn[drawn.length - 2].length(), drawn[drawn.length - 1].length());
    }

    @Test
    void a_step_that_failed_leaves_a_line_of_its_own() {
        try (Progress progress = progress(true)) {
            progress.begin("load", "entries", 0);
        }
        assertTrue(text().endsWith(System.lineSeparator()));
    }

    @Test
    void closing_after_the_last_step_adds_nothing() {
        Progress progress = progress(true);
        progress.begin("load", "entries", 0);
        progress.end();
        String before = text();
        progress.close();
        assertEquals(before, text());
    }
}
