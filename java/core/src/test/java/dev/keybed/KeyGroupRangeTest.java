package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeyGroupRangeTest {
    @Test
    void tasks_share_all_key_groups() {
        for (int max : new int[] {1, 2, 7, 128, 300, 32_768}) {
            for (int parallelism : new int[] {1, 2, 3, 5, 128}) {
                int next = 0;
                for (int index = 0; parallelism <= max && index < parallelism; index++) {
                    KeyGroupRange range = KeyGroupRange.ofTask(max, parallelism, index);
                    assertEquals(next, range.first());
                    next = range.last() + 1;
                    assertEquals(next - range.first(), range.count());
                }
                assertTrue(parallelism > max || next == max);
            }
        }
        Expect.code(ErrorCode.INVALID_ARGUMENT, () -> KeyGroupRange.ofTask(4, 5, 0));
        Expect.code(ErrorCode.INVALID_ARGUMENT, () -> KeyGroupRange.ofTask(4, 2, 2));
        Expect.code(ErrorCode.INVALID_ARGUMENT, () -> KeyGroupRange.ofTask(4, 2, -1));
    }

    @Test
    void a_range_has_its_ends() {
        KeyGroupRange range = new KeyGroupRange(3, 5);
        assertEquals("3-5", range.toString());
        assertTrue(range.contains(3) && range.contains(5));
        assertFalse(range.contains(2) || range.contains(6));
        Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> new KeyGroupRange(-1, 5));
        Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> new KeyGroupRange(5, 4));
        Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> new KeyGroupRange(0, 32_768));
    }
}
