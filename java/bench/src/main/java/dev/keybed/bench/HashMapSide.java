package dev.keybed.bench;

import java.util.HashMap;
import java.util.Map;

/** Java's own: a map on the heap, keys and numbers boxed, written as one would. */
final class HashMapSide implements LongMap {
    private final Map<Long, Long> map = new HashMap<>();

    @Override
    public long get(long key) {
        return map.get(key);
    }

    @Override
    public void put(long key, long number) {
        map.put(key, number);
    }

    @Override
    public long add(long key, long delta) {
        return map.merge(key, delta, Long::sum);
    }

    @Override
    public void close() {}
}
