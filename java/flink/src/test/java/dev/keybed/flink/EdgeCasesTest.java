package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.KeybedArgumentException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.junit.jupiter.api.TestTemplate;

/** What is allowed and seldom happens. */
class EdgeCasesTest extends AbstractBackendTest {
    private static final int MOST_KEY_GROUPS = 32768;
    private static final int KEYS = 5_000;
    private static final ValueStateDescriptor<String> VALUE = new ValueStateDescriptor<>("value", StringSerializer.INSTANCE);

    private AbstractKeyedStateBackend<String> open(
            MockEnvironment environment, KeyGroupRange groups, List<KeyedStateHandle> handles) throws Exception {
        return Backends.open(
                Engines.backend(engine),
                environment,
                StringSerializer.INSTANCE,
                MOST_KEY_GROUPS,
                groups,
                handles,
                new UnregisteredMetricsGroup());
    }

    @TestTemplate
    void as_many_key_groups_as_flink_has_are_kept_and_divided() throws Exception {
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<String> whole =
                    open(environment, KeyGroupRange.of(0, MOST_KEY_GROUPS - 1), List.of());
            Set<String> expected = new HashSet<>();
            for (int i = 0; i < KEYS; i++) {
                whole.setCurrentKey("key " + i);
                whole.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, VALUE)
                        .update("value " + i);
                expected.add("key " + i);
            }
            KeyedStateHandle handle = Backends.checkpoint(whole, 1);
            whole.dispose();
            Set<String> found = new HashSet<>();
            for (KeyGroupRange half : List.of(
                    KeyGroupRange.of(0, MOST_KEY_GROUPS / 2 - 1),
                    KeyGroupRange.of(MOST_KEY_GROUPS / 2, MOST_KEY_GROUPS - 1))) {
                AbstractKeyedStateBackend<String> part = open(environment, half, List.of(handle.getIntersection(half)));
                part.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, VALUE);
                part.getKeys("value", VoidNamespace.INSTANCE).forEach(key -> assertTrue(found.add(key), key));
                part.dispose();
            }
            assertEquals(expected, found);
        }
    }

    @TestTemplate
    void one_state_too_many_is_named_and_the_others_go_on() throws Exception {
        backend.setCurrentKey(1L);
        KeybedArgumentException failure = assertThrows(KeybedArgumentException.class, () -> {
            for (int i = 0; i < 300; i++) {
                state(new ValueStateDescriptor<>("state " + i, StringSerializer.INSTANCE)).update("x" + i);
            }
        });
        assertTrue(failure.getMessage().contains("'state 256'"), failure.getMessage());
        assertTrue(failure.getMessage().contains("at most 256 states"), failure.getMessage());
        assertEquals("x0", state(new ValueStateDescriptor<>("state 0", StringSerializer.INSTANCE)).value());
        assertEquals("x255", state(new ValueStateDescriptor<>("state 255", StringSerializer.INSTANCE)).value());
    }

    @TestTemplate
    void a_map_that_changes_while_it_is_iterated_over_shows_what_stays_once() throws Exception {
        MapState<Long, Long> map = state(new MapStateDescriptor<>("map", LongSerializer.INSTANCE, LongSerializer.INSTANCE));
        for (long key = 1; key <= 3; key++) {
            backend.setCurrentKey(key);
            for (long i = 0; i < 1000; i++) {
                map.put(i, i);
            }
        }
        backend.setCurrentKey(1L);
        Set<Long> seen = new HashSet<>();
        Iterator<Map.Entry<Long, Long>> entries = map.iterator();
        while (entries.hasNext()) {
            Map.Entry<Long, Long> entry = entries.next();
            assertTrue(seen.add(entry.getKey()), () -> "twice: " + entry);
            map.remove(entry.getKey());
            map.put(10_000L + seen.size() % 7, 1L);
            backend.setCurrentKey(2L);
            map.put(entry.getKey(), -1L);
            map.remove(entry.getKey() + 1);
            backend.setCurrentKey(1L);
        }
        for (long i = 0; i < 1000; i++) {
            assertTrue(seen.contains(i), "not shown: " + i);
        }
        backend.setCurrentKey(3L);
        int others = 0;
        for (Map.Entry<Long, Long> entry : map.entries()) {
            assertEquals(entry.getKey(), entry.getValue());
            others++;
        }
        assertEquals(1000, others);
        // One that goes on after its map is gone.
        entries = map.iterator();
        entries.next();
        map.clear();
        entries.forEachRemaining(entry -> {});
        assertTrue(map.isEmpty());
    }
}
