package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Reading the entries of a map in order, without a cursor. */
class MapReadTest extends StoreTest {
    private MapState filled() {
        MapState map = session.mapState("m");
        session.setKey(1, 1L);
        for (long i = 0; i < 100; i++) {
            session.mapKey().writeOrderedLong(i);
            session.value().writeLong(i);
            map.put();
        }
        return map;
    }

    @Test
    void entries_come_in_order_from_the_map_key_on() {
        MapState map = filled();
        session.mapKey();
        Block first = map.read(10);
        assertEquals(10, first.size());
        assertTrue(first.hasMore());
        assertEquals(0, first.value(0).readLong());
        session.mapKey().writeOrderedLong(95);
        Block last = map.read(10);
        assertEquals(5, last.size());
        assertFalse(last.hasMore());
        assertEquals(99, last.value(4).readLong());
        session.mapKey().writeOrderedLong(100);
        assertEquals(0, map.read(10).size());
    }

    @Test
    void what_is_removed_at_the_front_is_not_read_again() {
        MapState map = filled();
        for (long i = 0; i < 100; i++) {
            session.mapKey();
            Block block = map.read(1);
            assertEquals(i, block.value(0).readLong());
            session.setMapKey(block.key(0).readRemaining());
            map.delete();
        }
        session.mapKey();
        assertEquals(0, map.read(1).size());
    }

    @Test
    void an_entry_larger_than_the_buffer_is_read_whole() {
        MapState map = session.mapState("m");
        session.setKey(1, 1L);
        session.setMapKey("large");
        byte[] large = new byte[200_000];
        large[100_000] = 1;
        map.put(large);
        session.mapKey();
        assertArrayEquals(large, map.read(3).value(0).readRemaining());
    }

    @Test
    void no_entries_and_no_map_key_are_refused() {
        MapState map = filled();
        session.mapKey();
        assertThrows(KeybedArgumentException.class, () -> map.read(0));
        session.setKey(1, 1L);
        assertThrows(KeybedStateException.class, () -> map.read(1));
    }
}
