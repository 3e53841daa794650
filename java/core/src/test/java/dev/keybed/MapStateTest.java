package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MapStateTest extends StoreTest {
    private MapState map;

    @BeforeEach
    void openState() {
        map = session.mapState("map");
        key("k");
    }

    private void put(String mapKey, String value) {
        session.setMapKey(mapKey);
        map.put(Bytes.of(value));
    }

    private String get(String mapKey) {
        session.setMapKey(mapKey);
        return Bytes.text(map.get());
    }

    private List<String> entries() {
        List<String> entries = new ArrayList<>();
        for (EntryCursor cursor = map.scan(); cursor.next(); ) {
            entries.add(Bytes.text(cursor.key()) + "=" + Bytes.text(cursor.value()));
        }
        return entries;
    }

    @Test
    void entries_are_put_read_and_removed_by_their_map_keys() {
        put("a", "1");
        put("b", "2");
        assertEquals("1", get("a"));
        assertEquals("2", get("b"));
        assertNull(get("c"));
        session.setMapKey("a");
        assertTrue(map.contains());
        map.delete();
        assertFalse(map.contains());
        assertEquals(List.of("b=2"), entries());
    }

    @Test
    void entries_that_are_put_together_are_all_there() {
        put("b", "old");
        MapEntries entries = map.newEntries();
        for (int round = 0; round < 2; round++) {
            DirectOutput out = entries.begin();
            for (int i = 0; i < 100; i++) {
                out.writeUtf8("k" + i);
                entries.endKey();
                out.writeUtf8("v" + (i + round));
                entries.endValue();
            }
            out.writeUtf8("b");
            entries.endKey();
            entries.endValue();
            entries.put();
            assertEquals("", get("b"));
            for (int i = 0; i < 100; i++) {
                assertEquals("v" + (i + round), get("k" + i));
            }
            assertEquals(101, entries().size());
        }
        entries.begin();
        entries.put();
        assertEquals(101, entries().size());
    }

    @Test
    void entries_that_are_put_together_need_keys_and_values_in_turn() {
        MapEntries entries = map.newEntries();
        Expect.code(ErrorCode.CURSOR_INVALID, entries::put);
        Expect.code(ErrorCode.CURSOR_INVALID, entries::endKey);
        entries.begin();
        Expect.code(ErrorCode.CURSOR_INVALID, entries::endValue);
        entries.endKey();
        Expect.code(ErrorCode.CURSOR_INVALID, entries::endKey);
        Expect.code(ErrorCode.CURSOR_INVALID, entries::put);
        entries.begin().writeInt(1);
        entries.endKey();
        entries.endValue();
        // The value buffer is used for something else.
        get("a");
        Expect.code(ErrorCode.CURSOR_INVALID, entries::put);
        assertTrue(map.isEmpty());
    }

    @Test
    void a_scan_shows_the_map_in_the_order_of_its_keys() {
        put("b", "2");
        put("", "0");
        put("a", "1");
        put("ab", "3");
        assertEquals(List.of("=0", "a=1", "ab=3", "b=2"), entries());
        assertEquals(List.of("=0", "a=1", "ab=3", "b=2"), entries());
    }

    @Test
    void map_keys_can_be_set_in_every_way() {
        session.setMapKey(5L);
        map.put(Bytes.of("long"));
        session.setMapKey(Bytes.of("bytes"));
        map.put(Bytes.of("bytes"));
        ByteBuffer buffer = ByteBuffer.wrap(Bytes.of("-buffer-")).position(1).limit(7);
        session.setMapKey(buffer);
        assertEquals(7, buffer.position());
        map.put(Bytes.of("buffer"));
        session.mapKey().writeOrderedLong(-1);
        map.put(Bytes.of("ordered"));

        session.mapKey().writeLong(5);
        assertEquals("long", Bytes.text(map.get()));
        assertEquals("bytes", get("bytes"));
        assertEquals("buffer", get("buffer"));
        session.setMapKey(Bytes.of(0x7F, -1, -1, -1, -1, -1, -1, -1));
        assertEquals("ordered", Bytes.text(map.get()));
    }

    @Test
    void ordered_numbers_are_scanned_in_numeric_order() {
        long[] numbers = {0, -1, Long.MAX_VALUE, 7, Long.MIN_VALUE, -300};
        for (long number : numbers) {
            session.mapKey().writeOrderedLong(number);
            map.put(new byte[0]);
        }
        List<Long> scanned = new ArrayList<>();
        for (EntryCursor cursor = map.scan(); cursor.next(); ) {
            scanned.add(cursor.key().readOrderedLong());
        }
        assertEquals(List.of(Long.MIN_VALUE, -300L, -1L, 0L, 7L, Long.MAX_VALUE), scanned);
    }

    @Test
    void clear_empties_this_map_only() {
        put("a", "1");
        put("b", "2");
        key("k2");
        put("a", "other");
        key("k");
        assertFalse(map.isEmpty());
        map.clear();
        assertTrue(map.isEmpty());
        assertEquals(List.of(), entries());
        key("k2");
        assertEquals(List.of("a=other"), entries());
        put("c", "3");
        assertEquals(List.of("a=other", "c=3"), entries());
    }

    @Test
    void is_empty_tells_whether_there_is_an_entry_however_large() {
        assertTrue(map.isEmpty());
        session.setMapKey("big");
        map.put(new byte[1 << 20]);
        assertFalse(map.isEmpty());
        assertEquals(1 << 20, map.getBytes().length);
        map.delete();
        assertTrue(map.isEmpty());
        put("small", "");
        assertFalse(map.isEmpty());
        for (int i = 0; i < 1000; i++) {
            put("entry " + i, "value");
        }
        assertFalse(map.isEmpty());
    }

    @Test
    void is_empty_leaves_a_running_scan_alone() {
        put("a", "1");
        put("b", "2");
        EntryCursor cursor = map.scan();
        assertTrue(cursor.next());
        assertFalse(map.isEmpty());
        assertTrue(cursor.next());
        assertEquals("b", Bytes.text(cursor.key()));
    }

    @Test
    void an_entry_needs_a_map_key_and_a_new_key_or_namespace_drops_it() {
        Expect.code(ErrorCode.NO_KEY, map::get);
        put("a", "1");
        key("k");
        Expect.code(ErrorCode.NO_KEY, map::get);
        Expect.code(ErrorCode.NO_KEY, () -> map.put(Bytes.of("v")));
        session.setMapKey("a");
        session.namespace();
        Expect.code(ErrorCode.NO_KEY, map::contains);
        session.mapKey();
        assertNull(map.get());
    }

    @Test
    void a_map_key_does_not_concern_other_kinds_of_state() {
        ValueState value = session.valueState("value");
        ListState list = session.listState("list");
        value.put(Bytes.of("v"));
        put("a", "1");
        assertEquals("v", Bytes.text(value.get()));
        list.add(Bytes.of("e"));
        key("k");
        assertEquals("e", Bytes.text(list.get()));
        assertEquals("1", get("a"));
    }

    @Test
    void the_own_cursor_of_a_map_is_reused_even_after_it_was_closed() {
        put("a", "1");
        EntryCursor first = map.scan();
        first.close();
        EntryCursor second = map.scan();
        assertSame(first, second);
        assertTrue(second.next());
        assertFalse(second.next());
    }

    @Test
    void maps_of_different_namespaces_are_apart() {
        MapState windows = session.mapState("windows", PartSize.fixed(8));
        for (long window = 0; window < 3; window++) {
            session.setNamespace(window);
            session.setMapKey("entry");
            windows.put(Bytes.of("w" + window));
        }
        session.setNamespace(1L);
        windows.clear();
        assertTrue(windows.isEmpty());
        session.setNamespace(2L);
        session.setMapKey("entry");
        assertEquals("w2", Bytes.text(windows.get()));
    }
}
