package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReservoirTest {

    private static List<Integer> sample(int of, int capacity, long seed) {
        Reservoir<Integer> reservoir = new Reservoir<>(capacity, new Random(seed));
        IntStream.range(0, of).forEach(reservoir::offer);
        return reservoir.shuffled();
    }

    @Test
    void a_short_stream_is_kept_whole() {
        assertEquals(List.of(0, 1, 2), sample(3, 10, 1).stream().sorted().toList());
    }

    @Test
    void a_long_stream_gives_as_many_as_there_is_room_for_and_none_twice() {
        List<Integer> sample = sample(10_000, 100, 1);
        assertEquals(100, sample.size());
        assertEquals(100, new HashSet<>(sample).size());
    }

    @Test
    void the_same_seed_gives_the_same_sample() {
        assertEquals(sample(1000, 10, 7), sample(1000, 10, 7));
    }

    @Test
    void every_element_has_the_same_chance() {
        int[] taken = new int[10];
        for (int seed = 0; seed < 10_000; seed++) {
            sample(10, 3, seed).forEach(element -> taken[element]++);
        }
        // 3,000 each on average; the standard deviation is 46.
        for (int count : taken) {
            assertTrue(count > 2_750 && count < 3_250, () -> "taken " + count + " times");
        }
    }
}
