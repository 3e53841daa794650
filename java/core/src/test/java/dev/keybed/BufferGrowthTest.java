package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Buffers grow as needed; nothing is truncated, nothing that was written is lost. */
class BufferGrowthTest extends StoreTest {
    private static final int SEVERAL_MB = 5_000_001;

    @Test
    void a_value_larger_than_the_value_buffer_is_returned_whole() {
        byte[] large = Bytes.random(SEVERAL_MB, 1);
        ValueState state = session.valueState("value");
        key("k");
        state.put(large);
        // Another session, whose buffer is still small.
        try (Session fresh = store.newSession()) {
            ValueState again = fresh.valueState("value");
            fresh.setKey(1, Bytes.of("k"));
            assertArrayEquals(large, again.get().readRemaining());
        }
        try (Session fresh = store.newSession()) {
            ValueState again = fresh.valueState("value");
            fresh.setKey(1, Bytes.of("k"));
            ByteBuffer target = ByteBuffer.allocate(SEVERAL_MB);
            assertEquals(SEVERAL_MB, again.get(target));
            assertArrayEquals(large, target.array());
        }
    }

    @Test
    void what_was_written_to_a_value_survives_its_growing() {
        ValueState state = session.valueState("value");
        key("k");
        DirectOutput out = session.value();
        for (int i = 0; i < SEVERAL_MB / 4; i++) {
            out.writeInt(i);
        }
        state.put();
        DirectInput in = state.get();
        for (int i = 0; i < SEVERAL_MB / 4; i++) {
            assertEquals(i, in.readInt());
        }
        assertEquals(0, in.remaining());
    }

    @Test
    void a_key_grows_part_by_part() {
        MapState map = session.mapState("map", PartSize.variable());
        byte[] key = Bytes.random(9_000, 1);
        byte[] namespace = Bytes.random(9_000, 2);
        byte[] mapKey = Bytes.random(9_000, 3);
        session.setKey(7, key);
        session.setNamespace(namespace);
        session.setMapKey(mapKey);
        map.put(Bytes.of("found"));
        try (Session fresh = store.newSession()) {
            MapState again = fresh.mapState("map", PartSize.variable());
            fresh.setKey(7, key);
            fresh.setNamespace(namespace);
            fresh.setMapKey(mapKey);
            assertEquals("found", Bytes.text(again.get()));
            mapKey[8_999]++;
            fresh.setMapKey(mapKey);
            assertNull(again.get());
        }
    }

    @Test
    void the_map_key_can_grow_the_buffer_after_the_key_was_sent() {
        MapState map = session.mapState("map");
        ValueState value = session.valueState("value");
        key("k");
        value.put(Bytes.of("v"));
        session.setMapKey(new byte[20_000]);
        map.put(Bytes.of("m"));
        assertEquals("m", Bytes.text(map.get()));
        assertEquals("v", Bytes.text(value.get()));
    }

    @Test
    void an_entry_larger_than_the_block_buffer_is_scanned_whole() {
        MapState map = session.mapState("map");
        key("k");
        byte[][] values = {Bytes.random(10, 1), Bytes.random(SEVERAL_MB, 2), Bytes.random(100_000, 3), {}, {1}};
        for (int i = 0; i < values.length; i++) {
            session.setMapKey((long) i);
            map.put(values[i]);
        }
        for (int round = 0; round < 2; round++) {
            EntryCursor cursor = map.scan();
            for (int i = 0; i < values.length; i++) {
                assertTrue(cursor.next());
                assertEquals(i, cursor.key().readLong());
                assertArrayEquals(values[i], cursor.value().readRemaining());
            }
            assertFalse(cursor.next());
        }
    }

    @Test
    void the_first_entry_may_be_the_one_that_is_too_large() {
        MapState map = session.mapState("map");
        key("k");
        session.setMapKey("a");
        map.put(Bytes.random(1_000_000, 4));
        try (EntryCursor cursor = map.newCursor()) {
            cursor.seek();
            assertTrue(cursor.next());
            assertArrayEquals(Bytes.random(1_000_000, 4), cursor.value().readRemaining());
            assertFalse(cursor.next());
        }
    }

    @Test
    void a_multi_get_larger_than_a_block_is_answered_whole() {
        ValueState state = session.valueState("value");
        int count = 2_000;
        for (int i = 0; i < count; i++) {
            session.setKey(i % 128, (long) i);
            if (i % 3 != 0) {
                state.put(Bytes.random(i % 1_000, i));
            }
        }
        try (MultiGet get = state.newMultiGet()) {
            for (int round = 0; round < 3; round++) {
                get.clear();
                for (int i = 0; i < count; i++) {
                    session.setKey(i % 128, (long) i);
                    get.add();
                }
                get.execute();
                for (int i = count - 1; i >= 0; i--) {
                    assertEquals(i % 3 != 0, get.found(i));
                    if (get.found(i)) {
                        assertArrayEquals(Bytes.random(i % 1_000, i), get.value(i).readRemaining());
                    } else {
                        assertNull(get.value(i));
                    }
                }
            }
        }
    }

    @Test
    void a_multi_get_holds_answers_larger_than_its_block_buffer() {
        ValueState state = session.valueState("value");
        int[] sizes = {5, SEVERAL_MB, 0, 300_000, 70_000, 1};
        for (int i = 0; i < sizes.length; i++) {
            session.setKey(0, i + 1L);
            state.put(Bytes.random(sizes[i], i));
        }
        try (MultiGet get = state.newMultiGet()) {
            for (int i = 0; i < sizes.length; i++) {
                session.setKey(0, i + 1L);
                get.add();
            }
            get.execute();
            for (int i = 0; i < sizes.length; i++) {
                assertArrayEquals(Bytes.random(sizes[i], i), get.value(i).readRemaining());
            }
        }
    }

    @Test
    void buffers_that_were_given_back_can_be_used_again_whatever_their_size() {
        MapState map = session.mapState("map");
        key("k");
        session.setMapKey("large");
        map.put(Bytes.random(SEVERAL_MB, 5));
        for (int round = 0; round < 5; round++) {
            try (EntryCursor cursor = map.newCursor()) {
                assertTrue(cursor.seek().next());
                assertEquals(SEVERAL_MB, cursor.value().remaining());
            }
        }
    }
}
