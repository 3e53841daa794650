package dev.keybed.demo;

import java.util.Locale;

/**
 * The words of the progress display.
 *
 * <pre>
 *   load           90,611 entries        3.0 s       30,204/s  [      &lt;=&gt;           ]
 *   check          22,466 paths          2.1 s       10,698/s  [========&gt;           ]  44%
 *   check          50,000 paths          4.2 s       11,904/s
 * </pre>
 */
final class ProgressText {
    private static final int BAR_WIDTH = 20;

    private ProgressText() {}

    /** So many in so much time. */
    static String line(String step, String unit, Rate rate) {
        return String.format(
                Locale.ROOT,
                "%-12s %,13d %-11s %7.1f s %,14d/s",
                step,
                rate.count(),
                unit,
                rate.seconds(),
                rate.perSecond());
    }

    /** What happened, in words. */
    static String note(String what, String text) {
        return String.format(Locale.ROOT, "%-12s %s", what, text);
    }

    /** How much of the total is done; empty if nobody knows the total. */
    static String percent(long done, long total) {
        return total > 0 ? 100 * Math.min(done, total) / total + "%" : "";
    }

    /**
     * A bar as long as what is done, or one that moves to and fro if nobody knows the total.
     *
     * @param total how many there will be; 0 if nobody knows
     */
    static String bar(Rate soFar, long total) {
        StringBuilder bar = new StringBuilder(" ".repeat(BAR_WIDTH));
        if (total > 0) {
            int filled = (int) (BAR_WIDTH * Math.min(soFar.count(), total) / total);
            bar.replace(0, filled, "=".repeat(filled));
            if (filled < BAR_WIDTH) {
                bar.setCharAt(filled, '>');
            }
        } else {
            // Four places a second.
            int last = BAR_WIDTH - 3;
            int move = (int) (soFar.nanos() / 250_000_000L % (2 * last));
            int at = move <= last ? move : 2 * last - move;
            bar.replace(at, at + 3, "<=>");
        }
        return "[" + bar + "]";
    }
}
