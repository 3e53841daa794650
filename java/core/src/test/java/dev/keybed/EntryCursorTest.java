package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EntryCursorTest extends StoreTest {
    private MapState map;

    @BeforeEach
    void openState() {
        map = session.mapState("map");
        fill("k", 3);
        fill("many", 20_000);
    }

    private void fill(String key, int entries) {
        key(key);
        for (int i = 0; i < entries; i++) {
            session.setMapKey((long) i);
            session.value().writeInt(i);
            map.put();
        }
    }

    @Test
    void cursors_can_be_nested() {
        key("k");
        int steps = 0;
        try (EntryCursor outer = map.newCursor();
                EntryCursor inner = map.newCursor()) {
            for (outer.seek(); outer.next(); ) {
                int value = outer.value().readInt();
                for (inner.seek(); inner.next(); steps++) {
                    assertEquals(inner.key().readLong(), inner.value().readInt());
                }
                assertEquals(value, outer.key().readLong());
            }
        }
        assertEquals(9, steps);
    }

    @Test
    void the_session_may_move_on_while_a_cursor_runs() {
        key("many");
        ValueState other = session.valueState("other");
        long expected = 0;
        for (EntryCursor cursor = map.scan(); cursor.next(); expected++) {
            long shown = cursor.key().readLong();
            key("k" + expected);
            other.put(Bytes.of("x"));
            other.get();
            assertEquals(expected, shown);
            assertEquals(expected, cursor.value().readInt());
        }
        assertEquals(20_000, expected);
    }

    @Test
    void a_scan_shows_the_entries_as_they_were_when_it_started() {
        key("many");
        int count = 0;
        for (EntryCursor cursor = map.scan(); cursor.next(); count++) {
            session.setKey(1, Bytes.of("many"));
            session.mapKey().writeLong(cursor.key().readLong() + 1);
            map.delete();
            session.setMapKey(100_000L + count);
            map.put(Bytes.of("new!"));
        }
        assertEquals(20_000, count);
        key("many");
        map.clear();
        assertTrue(map.isEmpty());
    }

    @Test
    void entries_come_in_blocks() {
        key("many");
        EntryCursor cursor = map.scan();
        while (cursor.next()) {}
        assertTrue(cursor.blocks() > 1 && cursor.blocks() < 50, () -> "blocks: " + cursor.blocks());
        key("k");
        EntryCursor small = map.scan();
        while (small.next()) {}
        assertEquals(1, small.blocks());
    }

    @Test
    void a_cursor_at_its_end_stays_there_until_it_is_started_again() {
        key("k");
        EntryCursor cursor = map.scan();
        for (int i = 0; i < 3; i++) {
            assertTrue(cursor.next());
        }
        for (int i = 0; i < 3; i++) {
            assertFalse(cursor.next());
        }
        Expect.code(ErrorCode.CURSOR_INVALID, cursor::key);
        assertTrue(cursor.seek().next());
    }

    @Test
    void a_cursor_without_an_entry_says_so() {
        try (EntryCursor cursor = map.newCursor()) {
            Expect.code(ErrorCode.CURSOR_INVALID, cursor::next);
            key("k");
            cursor.seek();
            Expect.code(ErrorCode.CURSOR_INVALID, cursor::key);
            Expect.code(ErrorCode.CURSOR_INVALID, cursor::value);
            assertTrue(cursor.next());
            assertEquals(0, cursor.key().readLong());
        }
    }

    @Test
    void a_closed_cursor_says_so() {
        EntryCursor cursor = map.newCursor();
        key("k");
        assertTrue(cursor.seek().next());
        cursor.close();
        cursor.close();
        Expect.code(ErrorCode.CLOSED, cursor::next);
        Expect.code(ErrorCode.CLOSED, cursor::seek);
        Expect.code(ErrorCode.CLOSED, cursor::key);
    }

    @Test
    void views_that_were_kept_over_next_show_nothing() {
        key("k");
        EntryCursor cursor = map.scan();
        cursor.next();
        DirectInput key = cursor.key();
        DirectInput value = cursor.value();
        cursor.next();
        Expect.code(ErrorCode.CURSOR_INVALID, key::readLong);
        Expect.code(ErrorCode.CURSOR_INVALID, value::remaining);
    }

    @Test
    void key_and_value_are_read_from_their_start_each_time_and_end_where_they_end() {
        key("k");
        EntryCursor cursor = map.scan();
        cursor.next();
        cursor.next();
        assertEquals(1, cursor.key().readLong());
        assertEquals(1, cursor.key().readLong());
        DirectInput value = cursor.value();
        assertEquals(1, value.readInt());
        assertThrows(BufferUnderflowException.class, value::readByte);
    }

    @Test
    void an_abandoned_scan_can_be_started_again_at_another_key() {
        key("many");
        EntryCursor cursor = map.scan();
        assertTrue(cursor.next());
        key("k");
        cursor.seek();
        List<Long> keys = new ArrayList<>();
        while (cursor.next()) {
            keys.add(cursor.key().readLong());
        }
        assertEquals(List.of(0L, 1L, 2L), keys);
    }

    @Test
    void a_failed_seek_leaves_the_cursor_unstarted() {
        EntryCursor cursor = map.scan();
        assertTrue(cursor.next());
        session.setKey(9999, Bytes.of("k"));
        Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, cursor::seek);
        Expect.code(ErrorCode.CURSOR_INVALID, cursor::next);
        key("k");
        assertTrue(cursor.seek().next());
    }

    @Test
    void there_are_62_block_buffers_and_closing_gives_them_back() {
        List<EntryCursor> cursors = new ArrayList<>();
        for (int i = 0; i < 62; i++) {
            cursors.add(map.newCursor());
        }
        String message = Expect.code(ErrorCode.TOO_MANY_HANDLES, map::newCursor);
        assertTrue(message.contains("close"), message);
        Expect.code(ErrorCode.TOO_MANY_HANDLES, map::newMultiGet);
        cursors.forEach(EntryCursor::close);
        key("k");
        for (int i = 0; i < 1000; i++) {
            try (EntryCursor cursor = map.newCursor()) {
                assertTrue(cursor.seek().next());
            }
        }
    }
}
