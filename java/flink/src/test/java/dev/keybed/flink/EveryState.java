package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.TimerHeapInternalTimer;
import org.apache.flink.streaming.api.operators.TimerSerializer;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.CloseableIterator;

/** A backend with one state of each kind, in three kinds of namespaces, and timers; what it should hold is computed anew. */
final class EveryState<K> {
    private static final int VALUES = 300;
    private static final TimeWindow WINDOW = new TimeWindow(1000, 2000);
    private static final String NAMESPACE = "näme";

    private final TypeSerializer<K> keySerializer;
    private final IntFunction<K> keys;
    private final KeyGroupRange groups;
    private AbstractKeyedStateBackend<K> timersOf;
    private KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, VoidNamespace>> timers;

    EveryState(TypeSerializer<K> keySerializer, IntFunction<K> keys, KeyGroupRange groups) {
        this.keySerializer = keySerializer;
        this.keys = keys;
        this.groups = groups;
    }

    private boolean isHere(K key) {
        return groups.contains(KeyGroupRangeAssignment.assignToKeyGroup(key, Backends.KEY_GROUPS));
    }

    void write(AbstractKeyedStateBackend<K> backend) throws Exception {
        KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, VoidNamespace>> timers = timers(backend);
        for (int i = 0; i < VALUES; i++) {
            K key = keys.apply(i);
            if (!isHere(key)) {
                continue;
            }
            backend.setCurrentKey(key);
            backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, value())
                    .update("value " + i);
            for (int element : list(i)) {
                backend.getPartitionedState(WINDOW, new TimeWindow.Serializer(), listDescriptor()).add((long) element);
            }
            for (Map.Entry<String, Integer> entry : map(i).entrySet()) {
                backend.getPartitionedState(NAMESPACE, StringSerializer.INSTANCE, mapDescriptor())
                        .put(entry.getKey(), entry.getValue());
            }
            backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, reducing())
                    .add((long) i);
            backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, reducing())
                    .add(1L);
            backend.getPartitionedState(NAMESPACE, StringSerializer.INSTANCE, aggregating()).add("a" + i);
            backend.getPartitionedState(NAMESPACE, StringSerializer.INSTANCE, aggregating()).add("b");
            timers.add(new TimerHeapInternalTimer<>(i - 5, key, VoidNamespace.INSTANCE));
        }
    }

    void check(AbstractKeyedStateBackend<K> backend) throws Exception {
        List<Long> expectedTimers = new ArrayList<>();
        for (int i = 0; i < VALUES; i++) {
            K key = keys.apply(i);
            if (!isHere(key)) {
                continue;
            }
            backend.setCurrentKey(key);
            assertEquals(
                    "value " + i,
                    backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, value())
                            .value());
            List<Integer> list = new ArrayList<>();
            for (Long element :
                    backend.getPartitionedState(WINDOW, new TimeWindow.Serializer(), listDescriptor()).get()) {
                list.add(element.intValue());
            }
            assertEquals(list(i), list);
            Map<String, Integer> map = new TreeMap<>();
            for (Map.Entry<String, Integer> entry :
                    backend.getPartitionedState(NAMESPACE, StringSerializer.INSTANCE, mapDescriptor()).entries()) {
                map.put(entry.getKey(), entry.getValue());
            }
            assertEquals(new TreeMap<>(map(i)), map);
            assertEquals(
                    i + 1L,
                    backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, reducing())
                            .get());
            assertEquals(
                    "<a" + i + "b>",
                    backend.getPartitionedState(NAMESPACE, StringSerializer.INSTANCE, aggregating()).get());
            expectedTimers.add(i - 5L);
        }
        List<Long> found = new ArrayList<>();
        try (CloseableIterator<TimerHeapInternalTimer<K, VoidNamespace>> timers = timers(backend).iterator()) {
            timers.forEachRemaining(timer -> found.add(timer.getTimestamp()));
        }
        assertEquals(expectedTimers, new ArrayList<>(new TreeSet<>(found)));
        assertEquals(expectedTimers.size(), found.size());
    }

    private KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, VoidNamespace>> timers(
            AbstractKeyedStateBackend<K> backend) {
        if (timersOf != backend) {
            timersOf = backend;
            timers = backend.create(
                    "_timer_state/event_timers", new TimerSerializer<>(keySerializer, VoidNamespaceSerializer.INSTANCE));
        }
        return timers;
    }

    private static List<Integer> list(int i) {
        List<Integer> list = new ArrayList<>();
        new Random(i).ints(1 + i % 7, 0, 100).forEach(list::add);
        return list;
    }

    private static Map<String, Integer> map(int i) {
        Map<String, Integer> map = new HashMap<>();
        for (int entry = 0; entry <= i % 20; entry++) {
            map.put("entry " + entry, i * entry);
        }
        return map;
    }

    private static ValueStateDescriptor<String> value() {
        return new ValueStateDescriptor<>("value", StringSerializer.INSTANCE);
    }

    private static ListStateDescriptor<Long> listDescriptor() {
        return new ListStateDescriptor<>("list", LongSerializer.INSTANCE);
    }

    private static MapStateDescriptor<String, Integer> mapDescriptor() {
        return new MapStateDescriptor<>("map", StringSerializer.INSTANCE, IntSerializer.INSTANCE);
    }

    private static ReducingStateDescriptor<Long> reducing() {
        return new ReducingStateDescriptor<>("reducing", Long::sum, LongSerializer.INSTANCE);
    }

    private static AggregatingStateDescriptor<String, String, String> aggregating() {
        return new AggregatingStateDescriptor<>("aggregating", new Concatenation(), StringSerializer.INSTANCE);
    }

    private static final class Concatenation implements AggregateFunction<String, String, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String createAccumulator() {
            return "";
        }

        @Override
        public String add(String value, String accumulator) {
            return accumulator + value;
        }

        @Override
        public String getResult(String accumulator) {
            return "<" + accumulator + ">";
        }

        @Override
        public String merge(String one, String other) {
            return one + other;
        }
    }
}
