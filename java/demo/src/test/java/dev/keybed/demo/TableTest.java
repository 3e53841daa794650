package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void texts_are_aligned_to_the_left_and_numbers_to_the_right() {
        Table table = new Table()
                .text("directory", "/usr/share/a/long/path")
                .number("entries", 1_234_567)
                .number("skipped", 3, "vanished 3")
                .number("bytes", "0.5", "");
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
    void a_table_without_rows_is_empty() {
        assertEquals("", new Table().toString());
    }
}
