package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProgressTextTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void a_line_says_how_many_in_how_long_and_how_fast() {
        assertEquals(
                "load               154,447 entries         3.1 s         49,822/s",
                ProgressText.line("load", "entries", new Rate(154_447, 3_100_000_000L)));
    }

    @Test
    void lines_are_of_one_width_and_fit_a_terminal_with_their_bar() {
        String small = ProgressText.line("load", "entries", new Rate(0, 0));
        String large = ProgressText.line("full scan", "directories", new Rate(999_999_999, 9_999 * SECOND));
        assertEquals(small.length(), large.length());
        String bar = ProgressText.bar(new Rate(1, SECOND), 2) + " 100%";
        assertEquals(true, (large + "  " + bar).length() < 100);
    }

    @Test
    void a_bar_grows_from_nothing_to_full() {
        assertEquals("[>                   ]", ProgressText.bar(new Rate(0, 0), 200));
        assertEquals("[==========>         ]", ProgressText.bar(new Rate(100, SECOND), 200));
        assertEquals("[====================]", ProgressText.bar(new Rate(200, SECOND), 200));
        assertEquals("[====================]", ProgressText.bar(new Rate(300, SECOND), 200));
    }

    @Test
    void without_a_total_the_bar_moves_to_and_fro() {
        assertEquals("[<=>                 ]", ProgressText.bar(new Rate(5, 0), 0));
        assertEquals("[    <=>             ]", ProgressText.bar(new Rate(5, SECOND), 0));
        assertEquals("[                 <=>]", ProgressText.bar(new Rate(5, 17 * SECOND / 4), 0));
        assertEquals("[                <=> ]", ProgressText.bar(new Rate(5, 18 * SECOND / 4), 0));
        assertEquals("[<=>                 ]", ProgressText.bar(new Rate(5, 34 * SECOND / 4), 0));
    }

    @Test
    void a_percentage_needs_a_total() {
        assertEquals("", ProgressText.percent(5, 0));
        assertEquals("0%", ProgressText.percent(0, 3));
        assertEquals("33%", ProgressText.percent(1, 3));
        assertEquals("100%", ProgressText.percent(3, 3));
        assertEquals("100%", ProgressText.percent(4, 3));
    }
}
