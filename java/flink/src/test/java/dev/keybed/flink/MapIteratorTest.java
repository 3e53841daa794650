package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestTemplate;

/** Iterators of maps outlive changes of the key, are never closed, and may be as many as one likes. */
class MapIteratorTest extends AbstractBackendTest {
    private static final int ENTRIES = 5_000;

    private MapState<Integer, String> map;

    @BeforeEach
    void fill() throws Exception {
        map = state(new MapStateDescriptor<>("map", IntSerializer.INSTANCE, StringSerializer.INSTANCE));
        for (long key = 1; key <= 2; key++) {
            backend.setCurrentKey(key);
            for (int i = 0; i < ENTRIES; i++) {
                map.put(i, key + "/" + i);
            }
        }
        backend.setCurrentKey(1L);
    }

    @TestTemplate
    void anIteratorGoesOnAfterTheKeyHasChanged() throws Exception {
        Iterator<Map.Entry<Integer, String>> one = map.iterator();
        TreeSet<Integer> seen = new TreeSet<>();
        for (long key = 2; one.hasNext(); key++) {
            Map.Entry<Integer, String> entry = one.next();
            assertEquals("1/" + entry.getKey(), entry.getValue());
            assertTrue(seen.add(entry.getKey()));
            if (seen.size() % 1000 == 0) {
                backend.setCurrentKey(key);
                assertEquals(key == 2 ? "2/17" : null, map.get(17));
            }
        }
        assertEquals(ENTRIES, seen.size());
        assertThrows(NoSuchElementException.class, one::next);
    }

    @TestTemplate
    void entriesAreRemovedAndSetInTheirOwnMap() throws Exception {
        Iterator<Map.Entry<Integer, String>> one = map.iterator();
        Map.Entry<Integer, String> kept = one.next();
        Map.Entry<Integer, String> removed = one.next();
        backend.setCurrentKey(2L);
        assertEquals("1/" + kept.getKey(), kept.setValue("new"));
        one.remove();
        assertThrows(IllegalStateException.class, one::remove);
        assertThrows(IllegalStateException.class, () -> removed.setValue("x"));
        assertEquals("2/" + kept.getKey(), map.get(kept.getKey()));
        assertEquals("2/" + removed.getKey(), map.get(removed.getKey()));
        backend.setCurrentKey(1L);
        assertEquals("new", map.get(kept.getKey()));
        assertNull(map.get(removed.getKey()));
        assertFalse(map.contains(removed.getKey()));
    }

    @TestTemplate
    void anyNumberRunsAtATime() throws Exception {
        List<Iterator<Integer>> iterators = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            iterators.add(map.keys().iterator());
        }
        List<TreeSet<Integer>> seen = new ArrayList<>();
        iterators.forEach(iterator -> seen.add(new TreeSet<>()));
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < iterators.size(); i++) {
                assertTrue(seen.get(i).add(iterators.get(i).next()));
            }
        }
        for (TreeSet<Integer> keys : seen) {
            assertEquals(seen.get(0), keys);
        }
    }

    @TestTemplate
    void thousandsAreForgottenBeforeTheirEnd() throws Exception {
        for (long key = 0; key < 2_000; key++) {
            backend.setCurrentKey(1 + key % 2);
            assertTrue(map.iterator().hasNext());
            assertEquals(key % 2 + 1 + "/3", map.get(3));
        }
    }

    @TestTemplate
    void nullIsAValue() throws Exception {
        map.put(-1, null);
        assertTrue(map.contains(-1));
        assertNull(map.get(-1));
        int nulls = 0;
        for (String value : map.values()) {
            nulls += value == null ? 1 : 0;
        }
        assertEquals(1, nulls);
        map.clear();
        assertTrue(map.isEmpty());
        assertFalse(map.iterator().hasNext());
        backend.setCurrentKey(2L);
        assertFalse(map.isEmpty());
    }

    /** Flink's own backends have no limit that a job would meet. */
    @TestTemplate
    void keys_of_more_than_64_KiB_are_keys() throws Exception {
        MapState<String, String> texts =
                state(new MapStateDescriptor<>("texts", StringSerializer.INSTANCE, StringSerializer.INSTANCE));
        String one = "a".repeat(200_000);
        String other = "a".repeat(1_000_000);
        texts.put(one, "one");
        texts.putAll(Map.of(other, "other", "small", "small"));
        assertEquals("one", texts.get(one));
        assertEquals("other", texts.get(other));
        TreeSet<String> keys = new TreeSet<>();
        texts.keys().forEach(keys::add);
        assertEquals(new TreeSet<>(List.of(one, other, "small")), keys);
        assertEquals(1, backend.getKeys("texts", VoidNamespace.INSTANCE).count());
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> restored = Backends.open(
                    Engines.backend(engine),
                    environment,
                    LongSerializer.INSTANCE,
                    Backends.ALL,
                    List.of(Backends.checkpoint(backend, 1)));
            restored.setCurrentKey(1L);
            assertEquals(
                    "other",
                    restored.getPartitionedState(
                                    VoidNamespace.INSTANCE,
                                    VoidNamespaceSerializer.INSTANCE,
                                    new MapStateDescriptor<>("texts", StringSerializer.INSTANCE, StringSerializer.INSTANCE))
                            .get(other));
            restored.dispose();
        }
    }
}
