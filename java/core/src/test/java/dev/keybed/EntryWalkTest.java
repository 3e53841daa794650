package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EntryWalkTest extends StoreTest {
    private ValueState filled(int entries) {
        ValueState state = session.valueState("v");
        for (int i = 0; i < entries; i++) {
            session.setKey(i % 128, i);
            session.value().writeInt(i);
            state.put();
        }
        return state;
    }

    /** Walks to the end; an entry's value is its key. */
    private Set<Integer> rest(ValueState state, EntryWalk walk, int most) {
        Set<Integer> seen = new HashSet<>();
        boolean more = true;
        while (more) {
            Block block = walk.step(most);
            assertTrue(block.size() <= most);
            for (int i = 0; i < block.size(); i++) {
                int value = block.value(i).readInt();
                session.setKey(value % 128, value);
                ByteBuffer key = ByteBuffer.allocate(100);
                session.compositeKey(state, key);
                assertEquals(key.flip(), ByteBuffer.wrap(block.key(i).readRemaining()));
                assertTrue(seen.add(value), "each entry once");
                assertEquals(value, fromArray(walk, i));
            }
            more = block.hasMore();
        }
        return seen;
    }

    private static int fromArray(EntryWalk walk, int i) {
        byte[] value = Arrays.copyOfRange(walk.array(), walk.keyEnd(i), walk.valueEnd(i));
        assertTrue(walk.keyStart(i) < walk.keyEnd(i));
        return ByteBuffer.wrap(value).getInt();
    }

    @Test
    void a_walk_shows_every_entry_once_and_starts_anew_at_its_end() {
        ValueState state = filled(5000);
        try (EntryWalk walk = state.newWalk()) {
            for (int most : new int[] {1, 7, 100_000}) {
                assertEquals(5000, rest(state, walk, most).size());
            }
        }
    }

    @Test
    void the_state_may_be_written_to_between_two_steps() {
        ValueState state = filled(2000);
        try (EntryWalk walk = state.newWalk()) {
            Set<Integer> seen = new HashSet<>();
            boolean more = true;
            while (more) {
                Block block = walk.step(50);
                List<Integer> removed = new ArrayList<>();
                for (int i = 0; i < block.size(); i++) {
                    removed.add(block.value(i).readInt());
                }
                more = block.hasMore();
                for (int key : removed) {
                    session.setKey(key % 128, key);
                    state.delete();
                }
                seen.addAll(removed);
            }
            assertEquals(2000, seen.size());
            assertEquals(0, rest(state, walk, 10).size());
        }
    }

    @Test
    void the_current_key_stays_what_it_was() {
        ValueState state = filled(100);
        session.setKey(5, 5L);
        try (EntryWalk walk = state.newWalk()) {
            walk.step(10);
            assertEquals(5, state.get().readInt());
        }
    }

    @Test
    void an_entry_larger_than_the_buffer_is_shown_whole() {
        ValueState state = session.valueState("v");
        session.setKey(3, 3L);
        byte[] large = new byte[300_000];
        Arrays.fill(large, (byte) 7);
        state.put(large);
        try (EntryWalk walk = state.newWalk()) {
            boolean found = false;
            boolean more = true;
            while (more) {
                Block block = walk.step(5);
                if (block.size() > 0) {
                    assertTrue(Arrays.equals(large, block.value(0).readRemaining()));
                    found = true;
                }
                more = block.hasMore();
            }
            assertTrue(found);
        }
    }

    @Test
    void a_walk_takes_no_block_buffer_and_a_session_has_256_of_them() {
        ValueState state = filled(10);
        List<EntryWalk> walks = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            EntryWalk walk = state.newWalk();
            walk.step(1);
            walks.add(walk);
        }
        KeybedStateException e = assertThrows(KeybedStateException.class, state::newWalk);
        assertEquals(ErrorCode.TOO_MANY_HANDLES, e.errorCode());
        walks.remove(0).close();
        state.newWalk().close();
        walks.forEach(EntryWalk::close);
    }

    @Test
    void a_closed_walk_and_a_step_of_nothing_are_refused() {
        ValueState state = filled(10);
        EntryWalk walk = state.newWalk();
        assertThrows(KeybedArgumentException.class, () -> walk.step(0));
        Block block = walk.step(3);
        assertFalse(block.size() > 3);
        walk.close();
        walk.close();
        assertThrows(KeybedStateException.class, () -> walk.step(1));
        assertThrows(KeybedStateException.class, block::size);
    }
}
