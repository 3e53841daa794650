package dev.keybed.flink;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The keys that some states have in a namespace, each once: a merge of scans that run in the same order. */
final class MergedKeys<K> implements Iterator<K>, AutoCloseable {
    /** Those that are on a key; the others are closed. */
    private final List<StateKeys<K, ?>> scans;

    MergedKeys(List<? extends StateKeys<K, ?>> scans) {
        this.scans = new ArrayList<>(scans);
        this.scans.removeIf(scan -> !scan.next());
    }

    @Override
    public boolean hasNext() {
        return !scans.isEmpty();
    }

    @Override
    public K next() {
        if (scans.isEmpty()) {
            throw new NoSuchElementException();
        }
        StateKeys<K, ?> first = scans.get(0);
        for (StateKeys<K, ?> scan : scans) {
            if (scan.compareTo(first) < 0) {
                first = scan;
            }
        }
        K key = first.key();
        for (StateKeys<K, ?> scan : List.copyOf(scans)) {
            if (scan != first && scan.compareTo(first) == 0) {
                advance(scan);
            }
        }
        advance(first);
        return key;
    }

    @Override
    public void close() {
        scans.forEach(StateKeys::close);
        scans.clear();
    }

    private void advance(StateKeys<K, ?> scan) {
        if (!scan.next()) {
            scans.remove(scan);
        }
    }
}
