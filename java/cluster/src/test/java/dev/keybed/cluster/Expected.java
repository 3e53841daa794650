package dev.keybed.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What {@link StatefulJob} must write, each line once: computed from the input without Flink. */
final class Expected {
    private final List<String> lines = new ArrayList<>();
    private final Map<Long, List<Event>> byUser = new TreeMap<>();

    private Expected() {
        Set<Long> seen = new HashSet<>();
        for (int partition = 0; partition < Input.PARTITIONS; partition++) {
            for (int index = 0; index < Input.EVENTS; index++) {
                Event event = Input.sent(partition, index);
                if (seen.add(event.number)) {
                    byUser.computeIfAbsent(event.user, user -> new ArrayList<>()).add(event);
                }
            }
        }
    }

    /** The lines, sorted. */
    static List<String> lines() {
        Expected expected = new Expected();
        expected.byUser.forEach((user, events) -> {
            expected.windows(user, events);
            expected.sessions(user, events);
            expected.joined(events);
            expected.lines.add(Flush.line(user, events.size(), 0));
            if (events.stream().anyMatch(event -> event.index() >= Input.LAST_PHASE)) {
                expected.lines.add(Fade.line(user, null));
            }
        });
        expected.lines.sort(null);
        return expected.lines;
    }

    private void windows(long user, List<Event> events) {
        Map<Long, long[]> sums = new HashMap<>();
        for (Event event : events) {
            long[] sum = sums.computeIfAbsent(event.time / Windows.TUMBLING_MILLIS, window -> new long[2]);
            sum[0]++;
            sum[1] += event.amount;
        }
        sums.forEach((window, sum) -> lines.add(Windows.line(user, window * Windows.TUMBLING_MILLIS, sum[0], sum[1])));
    }

    private void sessions(long user, List<Event> events) {
        events.sort(java.util.Comparator.comparingLong(event -> event.time));
        long start = events.get(0).time;
        long end = start;
        long count = 0;
        long digest = 0;
        for (Event event : events) {
            if (count > 0 && event.time > end) {
                lines.add(Windows.session(user, start, end, count, digest));
                start = event.time;
                count = 0;
                digest = 0;
            }
            end = event.time + Windows.SESSION_GAP_MILLIS;
            count++;
            digest += Input.mix(event.number);
        }
        lines.add(Windows.session(user, start, end, count, digest));
    }

    private void joined(List<Event> events) {
        Map<Long, Long> orders = new HashMap<>();
        Map<Long, Long> payments = new HashMap<>();
        for (Event event : events) {
            if (event.kind == Event.ORDER) {
                orders.put(event.number, event.amount);
            } else if (event.kind == Event.PAYMENT) {
                payments.put(event.order, event.amount);
            }
        }
        Set<Long> numbers = new TreeSet<>(orders.keySet());
        numbers.addAll(payments.keySet());
        numbers.forEach(number ->
                lines.add(Join.line(number, orders.getOrDefault(number, -1L), payments.getOrDefault(number, -1L))));
    }
}
