package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import dev.keybed.Store;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the gauges tell, to whom, and for how long. */
class BackendMetricsTest {
    private static final MemorySize BUDGET = MemorySize.ofMebiBytes(16);

    static List<Engine> engines() {
        return Engines.all();
    }

    /** Keeps the gauges by their names, with those of the groups above in front. */
    private static final class Gauges extends UnregisteredMetricsGroup {
        private final String prefix;
        private final Map<String, Gauge<?>> all;

        Gauges() {
            this("", new ConcurrentHashMap<>());
        }

        private Gauges(String prefix, Map<String, Gauge<?>> all) {
            this.prefix = prefix;
            this.all = all;
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new Gauges(prefix + name + ".", all);
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            all.put(prefix + name, gauge);
            return gauge;
        }

        long get(String name) {
            Gauge<?> gauge = all.get("keybed." + name);
            assertNotNull(gauge, () -> "no gauge " + name + " in " + all.keySet());
            return (Long) gauge.getValue();
        }
    }

    private static Configuration configuration(Engine engine) {
        Configuration configuration = Engines.configuration(engine);
        configuration.set(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE, BUDGET);
        return configuration;
    }

    private static AbstractKeyedStateBackend<Long> open(
            Configuration configuration, MockEnvironment environment, Gauges gauges) throws Exception {
        KeybedStateBackend stateBackend =
                new KeybedStateBackend().configure(configuration, BackendMetricsTest.class.getClassLoader());
        return Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of(), gauges);
    }

    private static void write(AbstractKeyedStateBackend<Long> backend, int entries) throws Exception {
        ValueState<String> state = backend.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("value", StringSerializer.INSTANCE));
        for (long key = 0; key < entries; key++) {
            backend.setCurrentKey(key);
            state.update("x".repeat(1000));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void gaugesTellEntriesMemoryAndSnapshotsAndStayWhenTheBackendIsGone(Engine engine) throws Exception {
        Gauges gauges = new Gauges();
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> backend = open(configuration(engine), environment, gauges);
            gauges.all.keySet().forEach(name -> assertTrue(name.matches("keybed\\.[a-z0-9-]+"), name));
            write(backend, 3_000);
            assertEquals(0, gauges.get("snapshot-bytes"));
            Backends.checkpoint(backend, 1);
            assertTrue(gauges.get("snapshot-bytes") > 3_000_000, () -> gauges.get("snapshot-bytes") + " bytes");
            assertTrue(gauges.get("snapshot-sync-millis") >= 0 && gauges.get("snapshot-async-millis") >= 0);
            // At once there are the figures of the second that has begun.
            Thread.sleep(1_100);
            check(gauges, engine);
            WeakReference<Store> store = new WeakReference<>(((KeybedKeyedStateBackend<Long>) backend).states().store());
            backend.dispose();
            backend = null;
            Thread.sleep(1_100);
            check(gauges, engine);
            for (int i = 0; i < 50 && store.get() != null; i++) {
                System.gc();
                Thread.sleep(20);
            }
            assertNull(store.get(), "a gauge keeps the store");
        }
    }

    private static void check(Gauges gauges, Engine engine) {
        assertEquals(BUDGET.getBytes(), gauges.get("memory-limit-bytes"));
        long used = gauges.get("memory-used-bytes");
        assertTrue(used <= BUDGET.getBytes(), () -> used + " bytes");
        if (engine == Engine.TABLE) {
            assertEquals(3_000, gauges.get("entries"));
            assertTrue(gauges.get("record-bytes") > 3_000_000 && used > 3_000_000);
        } else {
            // Some of it is in files.
            assertTrue(used > 100_000 && gauges.get("memtables-bytes") > 100_000);
            assertTrue(gauges.get("block-cache-capacity-bytes") < BUDGET.getBytes());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void whatCostsIsThereOnlyIfItIsAskedFor(Engine engine) throws Exception {
        for (boolean asked : List.of(false, true)) {
            Configuration configuration = configuration(engine);
            configuration.set(KeybedMetricOptions.ROCKS_PROPERTIES, asked);
            configuration.set(KeybedMetricOptions.ROCKS_STATISTICS, asked);
            Gauges gauges = new Gauges();
            try (MockEnvironment environment = MockEnvironment.builder().build()) {
                AbstractKeyedStateBackend<Long> backend = open(configuration, environment, gauges);
                boolean expected = asked && engine == Engine.ROCKS;
                for (String name : List.of("estimate-num-keys", "is-write-stopped", "stall-micros", "block-cache-hit")) {
                    assertEquals(expected, gauges.all.containsKey("keybed." + name), name);
                }
                if (expected) {
                    write(backend, 2_000);
                    Thread.sleep(1_100);
                    assertTrue(gauges.get("estimate-num-keys") >= 2_000, () -> gauges.get("estimate-num-keys") + " keys");
                    assertTrue(gauges.get("bytes-written") > 2_000_000, () -> gauges.get("bytes-written") + " bytes");
                }
                backend.dispose();
            }
        }
    }

    /** Flink's reporters go on reading while a task ends. */
    @ParameterizedTest
    @MethodSource("engines")
    void gaugesAreReadWhileBackendsComeAndGo(Engine engine) throws Exception {
        AtomicReference<Gauges> current = new AtomicReference<>(new Gauges());
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();
        Thread reporter = new Thread(() -> {
            try {
                while (!done.get()) {
                    for (Gauge<?> gauge : current.get().all.values()) {
                        assertTrue((Long) gauge.getValue() >= 0);
                    }
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        reporter.start();
        for (int round = 0; round < 10; round++) {
            try (MockEnvironment environment = MockEnvironment.builder().build()) {
                Gauges gauges = new Gauges();
                AbstractKeyedStateBackend<Long> backend = open(configuration(engine), environment, gauges);
                current.set(gauges);
                write(backend, 500);
                backend.dispose();
            }
        }
        done.set(true);
        reporter.join();
        assertNull(failure.get());
    }
}
