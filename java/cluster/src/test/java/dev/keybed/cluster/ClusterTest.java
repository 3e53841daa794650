package dev.keybed.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A job with windows, timers, a map-state join and time to live on a cluster of processes of which some are killed, rescaled from 2
 * to 3 to 1: what it writes is exactly what it should.
 */
class ClusterTest {
    private static final int ROUNDS = number("keybed.cluster.rounds", 3);

    private static int number(String property, int otherwise) {
        String value = System.getProperty(property, "");
        return value.isEmpty() ? otherwise : Integer.parseInt(value);
    }

    /** The engines take turns. */
    @TestFactory
    Stream<DynamicTest> everyLineIsWrittenExactlyOnce() {
        long seed = System.getProperty("keybed.cluster.seed", "").isEmpty()
                ? new Random().nextInt()
                : Long.parseLong(System.getProperty("keybed.cluster.seed"));
        return IntStream.range(0, ROUNDS).mapToObj(round -> {
            Round one = new Round(round % 2 == 0 ? "table" : "rocks", seed + round);
            return DynamicTest.dynamicTest("round " + (round + 1) + ": " + one, () -> assertEquals("", one.run()));
        });
    }
}
