package dev.keybed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.StateEntry;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.internal.InternalKvState;
import org.apache.flink.runtime.state.internal.InternalKvState.StateIncrementalVisitor;
import org.junit.jupiter.api.TestTemplate;

/** Walking the entries of a state while it is used: what cleaning up at each access is made of. */
class StateVisitorTest extends AbstractBackendTest {
    private static final int KEYS = 300;
    private static final long ADDED = 1000L;

    @SuppressWarnings("unchecked")
    private static <V> StateIncrementalVisitor<Long, VoidNamespace, V> visitor(State state, int most) {
        return ((InternalKvState<Long, VoidNamespace, V>) state).getStateIncrementalVisitor(most);
    }

    private static <V> List<StateEntry<Long, VoidNamespace, V>> all(StateIncrementalVisitor<Long, VoidNamespace, V> visitor) {
        List<StateEntry<Long, VoidNamespace, V>> entries = new ArrayList<>();
        while (visitor.hasNext()) {
            entries.addAll(visitor.nextEntries());
        }
        return entries;
    }

    private ValueState<Long> values() throws Exception {
        ValueState<Long> state = state(new ValueStateDescriptor<>("value", Long.class));
        for (long key = 0; key < KEYS; key++) {
            backend.setCurrentKey(key);
            state.update(-key);
        }
        return state;
    }

    @TestTemplate
    void every_entry_is_shown_once_a_few_at_a_time() throws Exception {
        ValueState<Long> state = values();
        StateIncrementalVisitor<Long, VoidNamespace, Long> visitor = visitor(state, 5);
        Set<Long> seen = new HashSet<>();
        while (visitor.hasNext()) {
            var entries = visitor.nextEntries();
            assertThat(entries).hasSizeLessThanOrEqualTo(5);
            for (StateEntry<Long, VoidNamespace, Long> entry : entries) {
                assertThat(entry.getState()).isEqualTo(-entry.getKey());
                assertThat(entry.getNamespace()).isEqualTo(VoidNamespace.INSTANCE);
                assertThat(seen.add(entry.getKey())).isTrue();
            }
        }
        assertThat(seen).hasSize(KEYS);
        assertThat(visitor.nextEntries()).isEmpty();
    }

    @TestTemplate
    void an_entry_is_removed_or_updated_whatever_the_current_key_is_and_that_key_stays() throws Exception {
        ValueState<Long> state = values();
        backend.setCurrentKey(7L);
        StateIncrementalVisitor<Long, VoidNamespace, Long> visitor = visitor(state, 10);
        while (visitor.hasNext()) {
            for (StateEntry<Long, VoidNamespace, Long> entry : visitor.nextEntries()) {
                if (entry.getKey() % 2 == 0) {
                    visitor.remove(entry);
                } else {
                    visitor.update(entry, entry.getKey() * 100);
                    visitor.update(entry, entry.getKey() * 1000);
                }
                Long current = state.value();
                assertThat(current == -7L || current == 7000L).isTrue();
            }
        }
        for (long key = 0; key < KEYS; key++) {
            backend.setCurrentKey(key);
            assertThat(state.value()).isEqualTo(key % 2 == 0 ? null : (Long) (key * 1000));
        }
    }

    @TestTemplate
    void an_entry_that_was_written_since_it_was_shown_stays_as_it_is() throws Exception {
        ValueState<Long> state = values();
        StateIncrementalVisitor<Long, VoidNamespace, Long> visitor = visitor(state, 10);
        List<StateEntry<Long, VoidNamespace, Long>> shown = new ArrayList<>(visitor.nextEntries());
        for (StateEntry<Long, VoidNamespace, Long> entry : shown) {
            backend.setCurrentKey(entry.getKey());
            state.update(1L);
        }
        visitor.remove(shown.get(0));
        visitor.update(shown.get(1), 2L);
        for (StateEntry<Long, VoidNamespace, Long> entry : shown) {
            backend.setCurrentKey(entry.getKey());
            assertThat(state.value()).isEqualTo(1L);
        }
        // What has come back to life since it was fetched is not cleaned up either.
        while (visitor.hasNext()) {
            for (StateEntry<Long, VoidNamespace, Long> entry : visitor.nextEntries()) {
                visitor.remove(entry);
            }
        }
        assertThat(all(StateVisitorTest.<Long>visitor(state, 100))).hasSize(10);
    }

    @TestTemplate
    void a_list_is_shown_and_updated_as_a_list() throws Exception {
        ListState<String> state = state(new ListStateDescriptor<>("list", String.class));
        for (long key = 0; key < KEYS; key++) {
            backend.setCurrentKey(key);
            state.addAll(List.of("a", "b,c", "" + key));
        }
        StateIncrementalVisitor<Long, VoidNamespace, List<String>> visitor = visitor(state, 7);
        for (StateEntry<Long, VoidNamespace, List<String>> entry : all(visitor)) {
            assertThat(entry.getState()).containsExactly("a", "b,c", "" + entry.getKey());
            visitor.update(entry, List.of("" + entry.getKey(), "d"));
        }
        for (long key = 0; key < KEYS; key++) {
            backend.setCurrentKey(key);
            assertThat(state.get()).containsExactly("" + key, "d");
        }
    }

    @TestTemplate
    void a_map_is_shown_in_parts_each_of_which_can_be_removed_or_updated() throws Exception {
        MapState<Long, String> state = state(new MapStateDescriptor<>("map", Long.class, String.class));
        for (long key = 0; key < 3; key++) {
            backend.setCurrentKey(key);
            for (long i = 0; i < KEYS; i++) {
                state.put(i, i == 5 ? null : "v" + i);
            }
        }
        StateIncrementalVisitor<Long, VoidNamespace, Map<Long, String>> visitor = visitor(state, 40);
        Map<Long, Map<Long, String>> seen = new HashMap<>();
        while (visitor.hasNext()) {
            int size = 0;
            for (StateEntry<Long, VoidNamespace, Map<Long, String>> entry : visitor.nextEntries()) {
                size += entry.getState().size();
                // What is added meanwhile may be shown.
                boolean added = entry.getState().remove(ADDED) != null;
                entry.getState().forEach((k, v) -> assertThat(
                                seen.computeIfAbsent(entry.getKey(), key -> new HashMap<>()).put(k, "" + v))
                        .isNull());
                Map<Long, String> updated = new HashMap<>();
                entry.getState().forEach((k, v) -> {
                    if (k % 3 != 0) {
                        updated.put(k, k % 3 == 1 ? v : "new");
                    }
                });
                if (entry.getKey() == 1) {
                    visitor.remove(entry);
                } else {
                    if (added || entry.getState().containsKey(5L)) {
                        updated.put(ADDED, "added");
                    }
                    visitor.update(entry, updated);
                }
            }
            assertThat(size).isLessThanOrEqualTo(40);
        }
        assertThat(seen).hasSize(3).allSatisfy((key, map) -> assertThat(map).hasSize(KEYS));
        backend.setCurrentKey(1L);
        assertThat(state.isEmpty()).isTrue();
        backend.setCurrentKey(2L);
        assertThat(state.get(ADDED)).isEqualTo("added");
        for (long i = 0; i < KEYS; i++) {
            assertThat(state.get(i)).isEqualTo(i % 3 == 0 ? null : i % 3 == 1 ? "v" + i : "new");
        }
    }
}
