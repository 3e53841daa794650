package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void texts_are_aligned_to_the_left_and_numbers_to_the_right() {
        Table table = new Table()
                .text("directory", "/usr/share/a/long/path")
                .numbers("entries", List.of("1,234,567"), "")
                .numbers("skipped", List.of("3"), "vanished 3")
                .numbers("bytes", List.of("0.5"), "");
        assertEquals(
                """
                directory  /usr/share/a/long/path
                entries    1,234,567
                skipped            3  vanished 3
                bytes            0.5
                """,
                table.toString());
    }

    @Test
    void columns_of_numbers_are_as_wide_as_the_widest() {
        Table table = new Table()
                .numbers("engine", List.of("table", "rocks"), "")
                .numbers("gets/s", List.of("12,345,678", "9"), "of one thread");
        assertEquals(
                """
                engine       table       rocks
                gets/s  12,345,678           9  of one thread
                """,
                table.toString());
    }

    @Test
    void a_table_without_rows_is_empty() {
        assertEquals("", new Table().toString());
    }
}
