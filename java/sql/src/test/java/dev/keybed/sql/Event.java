package dev.keybed.sql;

import java.time.Instant;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.types.Row;

/**
 * What the queries read: a row of {@code events}, which follows from its number alone. No two are of the same time, and times
 * rise with numbers.
 *
 * @param id its number
 * @param k its key; odd ones have names
 * @param v some number; few different ones for each key
 * @param s some text, of different lengths
 */
record Event(long id, long k, int v, String s) {
    static final int COUNT = 20_000;
    static final int KEYS = 300;
    static final int MILLISECONDS_APART = 10;
    /** Each named key has so many names. */
    static final int NAMES = 2;

    static Event of(long id) {
        long mixed = (id + 1) * 0x9E3779B97F4A7C15L;
        mixed ^= mixed >>> 29;
        mixed *= 0xBF58476D1CE4E5B9L;
        mixed ^= mixed >>> 32;
        return new Event(
                id,
                Math.floorMod(mixed, (long) KEYS),
                (int) Math.floorMod(mixed >>> 20, 25L),
                "x".repeat((int) Math.floorMod(mixed >>> 40, 30L)));
    }

    static Stream<Event> all() {
        return LongStream.range(0, COUNT).mapToObj(Event::of);
    }

    /** Since the epoch; never 0, which an OVER aggregation takes for late. */
    long milliseconds() {
        return (id + 1) * MILLISECONDS_APART;
    }

    Row toRow() {
        return Row.of(id, k, v, s, Instant.ofEpochMilli(milliseconds()));
    }

    static long named(long number) {
        return number / NAMES * 2 + 1;
    }

    static String name(long number) {
        return "name " + number;
    }
}
