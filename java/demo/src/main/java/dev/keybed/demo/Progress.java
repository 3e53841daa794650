package dev.keybed.demo;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Shows how far a step is: on a terminal one line that is drawn again and again, elsewhere (a file, a build log) a line
 * every few seconds. When a step ends, one line of it stays.
 */
final class Progress implements AutoCloseable {
    private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final PrintStream out;
    private final boolean terminal;
    private final LongSupplier clock;

    private String step;
    private String unit;
    private long total;
    private long done;
    private long begin;
    private long shown;
    /** How many characters of the terminal's line are in use. */
    private int width;

    /**
     * @param clock nanoseconds, as {@link System#nanoTime()}
     */
    Progress(PrintStream out, boolean terminal, LongSupplier clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
    }

    /**
     * Begins a step.
     *
     * @param total how many there will be; 0 if nobody knows
     */
    void begin(String step, String unit, long total) {
        this.step = step;
        this.unit = unit;
        this.total = total;
        this.done = 0;
        this.begin = clock.getAsLong();
        this.shown = begin;
        if (terminal) {
            draw(step + "...");
        }
    }

    void add(long count) {
        done += count;
        long now = clock.getAsLong();
        if (now - shown < (terminal ? REDRAW_NANOS : LINE_NANOS)) {
            return;
        }
        shown = now;
        Rate soFar = new Rate(done, now - begin);
        String text = ProgressText.line(step, unit, soFar) + "  ";
        String percent = ProgressText.percent(done, total);
        if (terminal) {
            draw(text + ProgressText.bar(soFar, total) + " " + percent);
        } else {
            out.println(text + (percent.isEmpty() ? "so far" : percent));
        }
    }

    /** Ends the step with what was counted; returns how much that was and how long it took. */
    Rate end() {
        return end(new Rate(done, clock.getAsLong() - begin));
    }

    /** Ends the step with this many. */
    void end(long count) {
        end(new Rate(count, clock.getAsLong() - begin));
    }

    /** Ends the step with what it measured itself. */
    Rate end(Rate rate) {
        String text = ProgressText.line(step, unit, rate);
        if (terminal) {
            draw(text);
            width = 0;
            out.println();
        } else {
            out.println(text);
        }
        return rate;
    }

    /** A line about what is no work that can be counted. */
    void note(String what, String text) {
        out.println(ProgressText.note(what, text));
    }

    /** Ends a line that is still being drawn, because its step has failed. */
    @Override
    public void close() {
        if (width > 0) {
            out.println();
            width = 0;
        }
    }

    private void draw(String text) {
        // Spaces over what is left of a longer text before.
        out.print('\r' + text + " ".repeat(Math.max(0, width - text.length())));
        out.flush();
        width = text.length();
    }
}
