package dev.keybed.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A fair sample of a stream whose length is not known before its end: of all elements seen, each is in it with the same
 * probability.
 */
final class Reservoir<T> {
    private final int capacity;
    private final Random random;
    private final List<T> sample = new ArrayList<>();
    private long seen;

    Reservoir(int capacity, Random random) {
        this.capacity = capacity;
        this.random = random;
    }

    void offer(T element) {
        seen++;
        if (sample.size() < capacity) {
            sample.add(element);
            return;
        }
        long place = random.nextLong(seen);
        if (place < capacity) {
            sample.set((int) place, element);
        }
    }

    /** The sample in random order: the order of the stream would be kinder to caches than real life is. */
    List<T> shuffled() {
        List<T> shuffled = new ArrayList<>(sample);
        Collections.shuffle(shuffled, random);
        return shuffled;
    }
}
