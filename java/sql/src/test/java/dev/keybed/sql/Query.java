package dev.keybed.sql;

import static java.util.stream.Collectors.groupingBy;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Queries over {@code events} and {@code names}, each with its result, computed without Flink. */
enum Query {
    /** Value state, and the map state of distinct values. */
    GROUPS(
            "SELECT k, COUNT(*), SUM(v), MIN(s), MAX(v), COUNT(DISTINCT v) FROM events GROUP BY k",
            () -> byKey(events -> Stream.of(line(
                    events.get(0).k(),
                    events.size(),
                    sum(events),
                    events.stream().map(Event::s).min(Comparator.naturalOrder()).orElseThrow(),
                    events.stream().mapToInt(Event::v).max().orElseThrow(),
                    events.stream().map(Event::v).distinct().count())))),

    /** Value state alone, which the planner has with State V2 too. */
    SUMS(
            "SELECT k, COUNT(*), SUM(v), MAX(s) FROM events GROUP BY k",
            () -> byKey(events -> Stream.of(line(
                    events.get(0).k(),
                    events.size(),
                    sum(events),
                    events.stream().map(Event::s).max(Comparator.naturalOrder()).orElseThrow())))),

    /** Map state of the rows of both sides; rows without a name are taken back when one comes. */
    JOIN(
            "SELECT e.id, e.s, n.name FROM events e LEFT JOIN names n ON e.k = n.k",
            () -> Event.all()
                    .flatMap(event -> event.k() % 2 == 0
                            ? Stream.of(line(event.id(), event.s(), null))
                            : IntStream.range(0, Event.NAMES)
                                    .mapToObj(i -> line(
                                            event.id(), event.s(), Event.name(event.k() / 2 * Event.NAMES + i))))),

    /** State whose namespace is the end of a slice. */
    TUMBLE(
            "SELECT k, window_start, COUNT(*), SUM(v) FROM "
                    + "TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '7' SECOND)) GROUP BY k, window_start, window_end",
            () -> byKey(events -> windows(events, 7))),

    /** Slices that several windows share. */
    HOP(
            "SELECT k, window_start, COUNT(*), SUM(v) FROM "
                    + "TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) "
                    + "WHERE k < 50 GROUP BY k, window_start, window_end",
            () -> byKey(events -> events.get(0).k() < 50 ? hops(events, 5) : Stream.empty())),

    /** Windows that merge: their namespaces are windows, and what is in them moves. */
    SESSION(
            "SELECT k, SESSION_START(ts, INTERVAL '1' SECOND), COUNT(*), SUM(v) FROM events "
                    + "GROUP BY k, SESSION(ts, INTERVAL '1' SECOND)",
            () -> byKey(events -> sessions(events, 1000))),

    /** Map state of the rows of a time, and a timer for each. */
    OVER(
            "SELECT id, SUM(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) FROM events",
            () -> byKey(events -> IntStream.range(0, events.size())
                    .mapToObj(i -> line(events.get(i).id(), sum(events.subList(Math.max(0, i - 4), i + 1)))))),

    FIRST_ROWS(
            "SELECT id, k, s FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts ASC) AS n FROM events) WHERE n = 1",
            () -> byKey(events -> Stream.of(deduplicated(events.get(0))))),

    LAST_ROWS(
            "SELECT id, k, s FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS n FROM events) WHERE n = 1",
            () -> byKey(events -> Stream.of(deduplicated(events.get(events.size() - 1))))),

    /** Map state of lists of rows, by what they are sorted by. */
    TOP(
            "SELECT k, v, id FROM "
                    + "(SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, id ASC) AS n FROM events) WHERE n <= 3",
            () -> byKey(events -> events.stream()
                    .sorted(Comparator.comparingInt(Event::v).reversed().thenComparingLong(Event::id))
                    .limit(3)
                    .map(event -> line(event.k(), event.v(), event.id()))));

    final String sql;
    private final Supplier<Stream<String>> rows;

    Query(String sql, Supplier<Stream<String>> rows) {
        this.sql = sql;
        this.rows = rows;
    }

    /** How often each row is in the result. */
    TreeMap<String, Integer> expected() {
        return rows.get().collect(Collectors.toMap(Function.identity(), row -> 1, Integer::sum, TreeMap::new));
    }

    /** A row as text. */
    static String line(Object... fields) {
        return Arrays.stream(fields).map(String::valueOf).collect(Collectors.joining("|"));
    }

    private static Stream<String> byKey(Function<List<Event>, Stream<String>> rows) {
        return Event.all().collect(groupingBy(Event::k)).values().stream().flatMap(rows);
    }

    private static String deduplicated(Event event) {
        return line(event.id(), event.k(), event.s());
    }

    private static int sum(List<Event> events) {
        return events.stream().mapToInt(Event::v).sum();
    }

    private static Stream<String> windows(List<Event> events, int seconds) {
        return events.stream().collect(groupingBy(event -> event.milliseconds() / 1000 / seconds)).entrySet().stream()
                .map(window -> window(window.getKey() * seconds * 1000, window.getValue()));
    }

    /** Windows of two hops. */
    private static Stream<String> hops(List<Event> events, int seconds) {
        TreeMap<Long, List<Event>> windows = new TreeMap<>();
        for (Event event : events) {
            long last = event.milliseconds() / 1000 / seconds;
            for (long start = last - 1; start <= last; start++) {
                windows.computeIfAbsent(start * seconds * 1000, any -> new ArrayList<>()).add(event);
            }
        }
        return windows.entrySet().stream().map(window -> window(window.getKey(), window.getValue()));
    }

    private static Stream<String> sessions(List<Event> events, int gap) {
        List<List<Event>> sessions = new ArrayList<>();
        Event before = null;
        for (Event event : events) {
            // A session ends before its last time and the gap; one that begins right then touches it, and merges.
            if (before == null || event.milliseconds() - before.milliseconds() > gap) {
                sessions.add(new ArrayList<>());
            }
            sessions.get(sessions.size() - 1).add(event);
            before = event;
        }
        return sessions.stream().map(session -> window(session.get(0).milliseconds(), session));
    }

    private static String window(long start, List<Event> events) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(
                Math.floorDiv(start, 1000L), (int) Math.floorMod(start, 1000L) * 1_000_000, ZoneOffset.UTC);
        return line(events.get(0).k(), time, events.size(), sum(events));
    }
}
