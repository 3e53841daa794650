package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.internal.InternalAggregatingState;
import org.apache.flink.runtime.state.internal.InternalListState;
import org.apache.flink.runtime.state.internal.InternalMapState;
import org.apache.flink.runtime.state.internal.InternalMergingState;
import org.apache.flink.runtime.state.internal.InternalReducingState;
import org.apache.flink.runtime.state.internal.InternalValueState;
import org.apache.flink.streaming.api.operators.TimerHeapInternalTimer;
import org.apache.flink.streaming.api.operators.TimerSerializer;
import org.apache.flink.util.CloseableIterator;

/** State of every kind and timers, in Flink's heap backend and in ours: the same operation on both gives the same. */
final class RandomState<K> {
    private static final String[] NAMESPACES = {"", "a", "ab", "ü", "a\0", "long".repeat(30)};
    private static final String[] QUEUES = {"_timer_state/event_x", "_timer_state/processing_x", "_timer_state/event_y"};
    private static final long[] TIMES = {Long.MIN_VALUE, Long.MAX_VALUE, -1, 0, 1, 1000};

    private static final ValueStateDescriptor<String> VALUE =
            new ValueStateDescriptor<>("value", PoisonedSerializer.INSTANCE);
    private static final ValueStateDescriptor<Long> NUMBER = new ValueStateDescriptor<>("number", LongSerializer.INSTANCE);
    private static final ListStateDescriptor<String> LIST =
            new ListStateDescriptor<>("list", PoisonedSerializer.INSTANCE);
    private static final MapStateDescriptor<String, String> MAP =
            new MapStateDescriptor<>("map", PoisonedSerializer.INSTANCE, PoisonedSerializer.INSTANCE);
    private static final MapStateDescriptor<Long, Long> NUMBERS =
            new MapStateDescriptor<>("numbers", LongSerializer.INSTANCE, LongSerializer.INSTANCE);
    private static final ReducingStateDescriptor<Long> SUM =
            new ReducingStateDescriptor<>("sum", Long::sum, LongSerializer.INSTANCE);
    private static final AggregatingStateDescriptor<String, Long, String> LENGTH =
            new AggregatingStateDescriptor<>("length", new Length(), LongSerializer.INSTANCE);

    /** Flink's, and ours. */
    private final List<AbstractKeyedStateBackend<K>> backends;

    private final TypeSerializer<K> keySerializer;
    private final List<K> keys;
    private final Random random;
    private final Map<String, KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, String>>> queues = new HashMap<>();
    private K key;

    /** @param keys those of the key groups of the backends */
    RandomState(
            AbstractKeyedStateBackend<K> heap,
            AbstractKeyedStateBackend<K> keybed,
            TypeSerializer<K> keySerializer,
            List<K> keys,
            Random random) {
        this.backends = List.of(heap, keybed);
        this.keySerializer = keySerializer;
        this.keys = keys;
        this.random = random;
    }

    /** An operation on one of the backends; what it returns must not depend on which. */
    private interface Operation<K> {
        Object on(AbstractKeyedStateBackend<K> backend) throws Exception;
    }

    private void both(String what, Operation<K> operation) throws Exception {
        Object expected = operation.on(backends.get(0));
        Object found;
        try {
            found = operation.on(backends.get(1));
        } catch (Exception | AssertionError e) {
            throw new AssertionError(what + " of " + shortened(key), e);
        }
        assertEquals(expected, found, () -> what + " of " + shortened(key));
    }

    private static String shortened(Object key) {
        String text = String.valueOf(key);
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }

    /** One operation on the current key, or a change of that. */
    void step() throws Exception {
        if (keys.isEmpty()) {
            return;
        }
        if (key == null || random.nextInt(4) == 0) {
            key = keys.get(random.nextInt(keys.size()));
            both("key", backend -> {
                backend.setCurrentKey(key);
                return backend.getCurrentKeyGroupIndex();
            });
        }
        switch (random.nextInt(10)) {
            case 0 -> value();
            case 1 -> number();
            case 2 -> list();
            case 3, 4 -> map();
            case 5 -> numbers();
            case 6 -> folded();
            case 7 -> merge();
            case 8 -> timers();
            default -> poison();
        }
    }

    @SuppressWarnings("unchecked")
    private static <K, N, S extends State, T> T state(
            AbstractKeyedStateBackend<K> backend, N namespace, TypeSerializer<N> serializer, StateDescriptor<S, ?> descriptor)
            throws Exception {
        return (T) backend.getPartitionedState(namespace, serializer, descriptor);
    }

    private static <K> InternalValueState<K, String, String> value(AbstractKeyedStateBackend<K> backend, String namespace)
            throws Exception {
        return state(backend, namespace, PoisonedSerializer.INSTANCE, VALUE);
    }

    private static <K> InternalValueState<K, VoidNamespace, Long> number(AbstractKeyedStateBackend<K> backend)
            throws Exception {
        return state(backend, VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, NUMBER);
    }

    private static <K> InternalListState<K, String, String> list(AbstractKeyedStateBackend<K> backend, String namespace)
            throws Exception {
        return state(backend, namespace, StringSerializer.INSTANCE, LIST);
    }

    private static <K> InternalMapState<K, VoidNamespace, String, String> map(AbstractKeyedStateBackend<K> backend)
            throws Exception {
        return state(backend, VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, MAP);
    }

    private static <K> InternalMapState<K, Long, Long, Long> numbers(AbstractKeyedStateBackend<K> backend, long namespace)
            throws Exception {
        return state(backend, namespace, LongSerializer.INSTANCE, NUMBERS);
    }

    private static <K> InternalReducingState<K, Long, Long> sum(AbstractKeyedStateBackend<K> backend, long namespace)
            throws Exception {
        return state(backend, namespace, LongSerializer.INSTANCE, SUM);
    }

    private static <K> InternalAggregatingState<K, String, String, Long, String> length(
            AbstractKeyedStateBackend<K> backend, String namespace) throws Exception {
        return state(backend, namespace, StringSerializer.INSTANCE, LENGTH);
    }

    /** Made at first use, which may be long after a checkpoint. */
    private KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, String>> queue(
            AbstractKeyedStateBackend<K> backend, String name) {
        return queues.computeIfAbsent(
                backends.indexOf(backend) + name,
                none -> backend.create(name, new TimerSerializer<>(keySerializer, StringSerializer.INSTANCE)));
    }

    private String namespace() {
        return NAMESPACES[random.nextInt(NAMESPACES.length)];
    }

    private long number(long bound) {
        return random.nextInt(8) == 0 ? random.nextLong() : random.nextLong(-bound, bound);
    }

    private String text() {
        int length = random.nextInt(50) == 0 ? 100_000 : random.nextInt(20);
        char first = (char) ('a' + random.nextInt(6));
        return random.nextInt(10) == 0 ? "" : first + ",".repeat(length);
    }

    private void value() throws Exception {
        String namespace = namespace();
        String text = text();
        int kind = random.nextInt(3);
        both("value", backend -> {
            InternalValueState<K, String, String> state = value(backend, namespace);
            String before = state.value();
            if (kind == 0) {
                state.clear();
            } else if (kind == 1) {
                state.update(text);
            }
            return before;
        });
    }

    private void number() throws Exception {
        long number = number(100);
        both("number", backend -> {
            InternalValueState<K, VoidNamespace, Long> state = number(backend);
            Long before = state.value();
            state.update(before == null ? Long.valueOf(number) : number % 5 == 0 ? null : Long.valueOf(before + number));
            return before;
        });
    }

    private void list() throws Exception {
        String namespace = namespace();
        List<String> texts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            texts.add(text());
        }
        int kind = random.nextInt(5);
        both("list", backend -> {
            InternalListState<K, String, String> state = list(backend, namespace);
            switch (kind) {
                case 0 -> state.addAll(texts);
                case 1 -> state.update(texts);
                case 2 -> state.clear();
                default -> state.add("one");
            }
            return all(state.get());
        });
    }

    private static List<String> all(Iterable<String> texts) {
        List<String> all = new ArrayList<>();
        if (texts != null) {
            texts.forEach(all::add);
        }
        return all;
    }

    private void map() throws Exception {
        Map<String, String> texts = new LinkedHashMap<>();
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 600 : 5); i > 0; i--) {
            texts.put("k" + number(200), random.nextInt(10) == 0 ? null : text());
        }
        String userKey = "k" + number(200);
        String text = text();
        int kind = random.nextInt(9);
        int mark = random.nextInt(3);
        K other = keys.get(random.nextInt(keys.size()));
        both("map " + kind, backend -> {
            InternalMapState<K, VoidNamespace, String, String> state = map(backend);
            switch (kind) {
                case 0, 1 -> state.putAll(texts);
                case 2 -> state.put(userKey, text);
                case 3 -> state.remove(userKey);
                case 4 -> state.clear();
                case 5 -> changeAll(backend, state, mark, other);
                default -> {}
            }
            if (kind < 5) {
                return List.of(state.isEmpty(), state.contains(userKey), "" + state.get(userKey));
            }
            TreeMap<String, String> all = new TreeMap<>();
            for (Map.Entry<String, String> entry : state.entries()) {
                all.put(entry.getKey(), String.valueOf(entry.getValue()));
            }
            TreeSet<String> keysOfMap = new TreeSet<>();
            state.keys().forEach(keysOfMap::add);
            assertEquals(all.keySet(), keysOfMap);
            return all;
        });
    }

    /** Some entries are removed, some changed, and another key is the current one in between. */
    private void changeAll(
            AbstractKeyedStateBackend<K> backend, InternalMapState<K, VoidNamespace, String, String> state, int mark, K other)
            throws Exception {
        Iterator<Map.Entry<String, String>> entries = state.iterator();
        while (entries.hasNext()) {
            Map.Entry<String, String> entry = entries.next();
            int chosen = Math.floorMod(entry.getKey().hashCode(), 3);
            if (chosen == 0) {
                backend.setCurrentKey(other);
                number(backend).value();
            }
            if (chosen == mark) {
                entries.remove();
            } else if (chosen == 1) {
                entry.setValue("changed " + mark);
            }
        }
        backend.setCurrentKey(key);
        // A map without entries is none; on the heap only if it is told.
        if (state.isEmpty()) {
            state.clear();
        }
    }

    private void numbers() throws Exception {
        long namespace = random.nextLong(-2, 2);
        long userKey = number(50);
        long number = number(50);
        int kind = random.nextInt(4);
        both("numbers", backend -> {
            InternalMapState<K, Long, Long, Long> state = numbers(backend, namespace);
            switch (kind) {
                case 0 -> state.remove(userKey);
                case 1 -> state.get(userKey);
                default -> state.put(userKey, number);
            }
            Map<Long, Long> all = new HashMap<>();
            for (Map.Entry<Long, Long> entry : state.entries()) {
                all.put(entry.getKey(), entry.getValue());
            }
            List<Long> values = new ArrayList<>();
            state.values().forEach(values::add);
            assertEquals(all.size(), values.size());
            return all;
        });
    }

    private void folded() throws Exception {
        long number = number(100);
        String namespace = namespace();
        boolean clear = random.nextInt(6) == 0;
        both("folded", backend -> {
            InternalReducingState<K, Long, Long> sum = sum(backend, number % 3);
            InternalAggregatingState<K, String, String, Long, String> length = length(backend, namespace);
            sum.add(number);
            length.add("x".repeat((int) Math.abs(number % 10)));
            if (clear) {
                sum.clear();
            }
            return Arrays.asList(sum.get(), length.get());
        });
    }

    private void merge() throws Exception {
        long target = random.nextLong(-2, 3);
        String named = NAMESPACES[0];
        both("merge", backend -> {
            List<Long> sources = new ArrayList<>(List.of(-2L, -1L, 0L, 1L, 2L));
            sources.remove(target);
            ((InternalMergingState<K, Long, ?, ?, ?>) sum(backend, target)).mergeNamespaces(target, sources);
            length(backend, named).mergeNamespaces(named, List.of(NAMESPACES).subList(1, 4));
            list(backend, named).mergeNamespaces(named, List.of(NAMESPACES).subList(1, 5));
            return Arrays.asList(
                    sum(backend, target).get(), length(backend, named).get(), all(list(backend, named).get()));
        });
    }

    private void timers() throws Exception {
        String name = QUEUES[random.nextInt(QUEUES.length)];
        String namespace = namespace();
        long time = random.nextInt(4) == 0 ? TIMES[random.nextInt(TIMES.length)] : random.nextLong(-50, 50);
        int kind = random.nextInt(12);
        long until = random.nextInt(10) == 0 ? time : Math.min(time, -20);
        both("timers " + name, backend -> {
            KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, String>> queue = queue(backend, name);
            TimerHeapInternalTimer<K, String> timer = new TimerHeapInternalTimer<>(time, key, namespace);
            if (kind == 0) {
                return fire(queue, until);
            } else if (kind < 3) {
                queue.remove(timer);
            } else {
                queue.add(timer);
            }
            TimerHeapInternalTimer<K, String> first = queue.peek();
            return Arrays.asList(queue.isEmpty(), first == null ? null : first.getTimestamp());
        });
    }

    /** The timers up to a time, those of one time in any order. */
    private static <K> List<String> fire(
            KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, String>> queue, long until) {
        List<String> fired = new ArrayList<>();
        TimerHeapInternalTimer<K, String> timer;
        long last = Long.MIN_VALUE;
        while ((timer = queue.peek()) != null && timer.getTimestamp() <= until) {
            assertEquals(timer, queue.poll());
            assertEquals(true, last <= timer.getTimestamp(), "the order of timers");
            last = timer.getTimestamp();
            fired.add(timer.toString());
        }
        fired.sort(null);
        return fired;
    }

    /** What a serializer fails on changes nothing, and the next access is right. */
    private void poison() throws Exception {
        AbstractKeyedStateBackend<K> keybed = backends.get(1);
        String poison = PoisonedSerializer.POISON;
        String namespace = namespace();
        switch (random.nextInt(6)) {
            case 0 -> {
                value(keybed, namespace).value();
                assertThrows(Exception.class, () -> value(keybed, poison).update("x"));
            }
            case 1 -> assertThrows(Exception.class, () -> value(keybed, namespace).update(poison));
            case 2 -> assertThrows(Exception.class, () -> list(keybed, namespace).addAll(List.of("x", poison)));
            case 3 -> assertThrows(Exception.class, () -> map(keybed).put(poison, "x"));
            case 4 -> assertThrows(Exception.class, () -> map(keybed).put("k1", poison));
            default -> {
                Map<String, String> map = new LinkedHashMap<>();
                map.put("k1", "x");
                map.put("k2", poison);
                assertThrows(Exception.class, () -> map(keybed).putAll(map));
            }
        }
        both("what is left", backend -> Arrays.asList(
                value(backend, namespace).value(),
                number(backend).value(),
                all(list(backend, namespace).get()),
                "" + map(backend).get("k1"),
                map(backend).contains("k2")));
    }

    /** All keys of all states, and what they have. */
    void compare() throws Exception {
        K before = key;
        compare(VALUE, PoisonedSerializer.INSTANCE, (backend, namespace) -> value(backend, namespace).value());
        compare(
                NUMBER,
                VoidNamespaceSerializer.INSTANCE,
                (backend, namespace) -> number(backend).value());
        compare(LIST, StringSerializer.INSTANCE, (backend, namespace) -> all(list(backend, namespace).get()));
        compare(MAP, VoidNamespaceSerializer.INSTANCE, (backend, namespace) -> entries(map(backend).entries()));
        compare(NUMBERS, LongSerializer.INSTANCE, (backend, namespace) -> entries(numbers(backend, namespace).entries()));
        compare(SUM, LongSerializer.INSTANCE, (backend, namespace) -> sum(backend, namespace).get());
        compare(LENGTH, StringSerializer.INSTANCE, (backend, namespace) -> length(backend, namespace).get());
        for (String name : QUEUES) {
            both("timers " + name, backend -> {
                List<String> timers = new ArrayList<>();
                var queue = queue(backend, name);
                try (CloseableIterator<TimerHeapInternalTimer<K, String>> all = queue.iterator()) {
                    all.forEachRemaining(timer -> timers.add(timer.toString()));
                }
                assertEquals(timers.size(), queue.size());
                for (int group : backend.getKeyGroupRange()) {
                    queue.getSubsetForKeyGroup(group).forEach(timer -> timers.add(group + " " + timer));
                }
                timers.sort(null);
                return timers;
            });
        }
        if (before != null) {
            key = before;
            for (AbstractKeyedStateBackend<K> backend : backends) {
                backend.setCurrentKey(key);
            }
        }
    }

    private static <A, B> Map<A, B> entries(Iterable<Map.Entry<A, B>> entries) {
        Map<A, B> map = new HashMap<>();
        entries.forEach(entry -> map.put(entry.getKey(), entry.getValue()));
        return map;
    }

    private interface Value<K, N> {
        Object of(AbstractKeyedStateBackend<K> backend, N namespace) throws Exception;
    }

    private <N> void compare(StateDescriptor<?, ?> descriptor, TypeSerializer<N> namespaces, Value<K, N> value)
            throws Exception {
        both("all of " + descriptor.getName(), backend -> {
            List<Tuple2<K, N>> all = new ArrayList<>();
            try (Stream<Tuple2<K, N>> stream = backend.getKeysAndNamespaces(descriptor.getName())) {
                stream.forEach(all::add);
            }
            Map<String, Object> found = new TreeMap<>();
            for (Tuple2<K, N> each : all) {
                backend.setCurrentKey(each.f0);
                Object has = value.of(backend, each.f1);
                // On the heap a map that lost its entries, or was put none, may be there still.
                if (!Map.of().equals(has)) {
                    assertNull(found.put(each.toString(), has), () -> "twice: " + each);
                }
            }
            return found;
        });
    }

    private static final class Length implements AggregateFunction<String, Long, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(String text, Long length) {
            return length + text.length();
        }

        @Override
        public String getResult(Long length) {
            return "<" + length + ">";
        }

        @Override
        public Long merge(Long one, Long other) {
            return one + other;
        }
    }
}
