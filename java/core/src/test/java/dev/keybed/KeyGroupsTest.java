package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyGroupsTest {

    @Test
    void key_groups_are_those_of_Flink() {
        assertEquals(29, KeyGroups.of(42, 128));
        assertEquals(29, KeyGroups.of(Long.hashCode(42L), 128));
        assertEquals(58, KeyGroups.of(42, 129));
        assertEquals(72, KeyGroups.of("key".hashCode(), 128));
        assertEquals(35, KeyGroups.of("hello".hashCode(), 128));
    }

    @Test
    void java_and_native_code_agree_on_every_hash() {
        Random random = new Random(1);
        for (int i = 0; i < 1_000_000; i++) {
            assertAgree(random.nextInt(), 1 + random.nextInt(KeyGroups.MAX_PARALLELISM_LIMIT));
        }
        for (int hash : new int[] {0, -1, 1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            for (int maxParallelism : new int[] {1, 2, 127, 128, 129, 32_767, 32_768}) {
                assertAgree(hash, maxParallelism);
            }
        }
    }

    private static void assertAgree(int hash, int maxParallelism) {
        int group = KeyGroups.of(hash, maxParallelism);
        assertTrue(group >= 0 && group < maxParallelism);
        assertEquals(NativeKeys.keyGroup(hash, maxParallelism), group);
    }

    @Test
    void a_number_of_key_groups_out_of_range_is_refused_by_both() {
        for (int maxParallelism : new int[] {0, -1, 32_769, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            Expect.code(ErrorCode.INVALID_ARGUMENT, () -> KeyGroups.of(42, maxParallelism));
            assertTrue(NativeKeys.keyGroup(42, maxParallelism) < -1);
        }
    }
}
