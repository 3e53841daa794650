package dev.keybed.demo;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How often what was skipped. */
final class SkipCounts {
    private final Map<SkipReason, Long> counts = new EnumMap<>(SkipReason.class);

    void add(SkipReason reason) {
        counts.merge(reason, 1L, Long::sum);
    }

    long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Such as {@code other device 2, vanished 1}; empty if nothing was skipped. */
    String byReason() {
        return counts.entrySet().stream()
                .map(each -> String.format(Locale.ROOT, "%s %,d", each.getKey().text(), each.getValue()))
                .collect(Collectors.joining(", "));
    }
}
