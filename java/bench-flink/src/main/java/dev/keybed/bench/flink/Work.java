package dev.keybed.bench.flink;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Keys and values, and which an operation takes: those of flink-benchmarks. It takes its turn before each operation, outside of
 * what is measured.
 */
@State(Scope.Thread)
public class Work {
    static final int SETUP_KEYS = 500_000;
    static final int NEW_KEYS = 500_000;
    static final int MAP_KEYS = 10;
    static final int LIST_VALUES = 100;
    static final int VALUES = 1_000_000;

    final List<Long> setupKeys = shuffled(0, SETUP_KEYS);
    private final List<Long> newKeys = shuffled(SETUP_KEYS, SETUP_KEYS + NEW_KEYS);
    final List<Long> mapKeys = shuffled(0, MAP_KEYS);
    private final List<Double> mapValues = doubles();
    final List<Long> values = shuffled(0, VALUES);
    private int index;

    /** A key that has something. */
    Long setupKey;
    /** A key that has nothing, until all have been used. */
    Long newKey;

    Long mapKey;
    Double mapValue;
    Long value;
    List<Long> listValue;

    /** Goes on to the next operation. */
    @Setup(Level.Invocation)
    public void next() {
        int turn = index;
        index = turn == Integer.MAX_VALUE ? 0 : turn + 1;
        setupKey = setupKeys.get(turn % SETUP_KEYS);
        newKey = newKeys.get(turn % NEW_KEYS);
        mapKey = mapKeys.get(turn % MAP_KEYS);
        mapValue = mapValues.get(turn % MAP_KEYS);
        value = values.get(turn % VALUES);
        listValue = Collections.singletonList(value);
    }

    /** A hundred values, for adding many at a time. */
    List<Long> manyValues() {
        return List.copyOf(values.subList(0, LIST_VALUES));
    }

    /** A map of all map keys. */
    Map<Long, Double> map() {
        Map<Long, Double> map = new HashMap<>();
        for (int i = 0; i < MAP_KEYS; i++) {
            map.put(mapKeys.get(i), mapValues.get(i));
        }
        return map;
    }

    private static List<Long> shuffled(int from, int to) {
        List<Long> numbers = new ArrayList<>(LongStream.range(from, to).boxed().toList());
        Collections.shuffle(numbers, new Random(from + to));
        return numbers;
    }

    private static List<Double> doubles() {
        Random random = new Random(MAP_KEYS);
        return IntStream.range(0, MAP_KEYS).mapToObj(i -> random.nextDouble()).toList();
    }
}
