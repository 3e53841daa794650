package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.Engine;
import java.util.List;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;
import org.apache.flink.util.FlinkRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operators of a slot share one budget, which is a hard limit; who reaches it is told what to do. */
class MemoryLimitTest {
    private static final MemorySize BUDGET = MemorySize.ofMebiBytes(8);
    private static final String VALUE = "x".repeat(1000);

    @Test
    void theSlotsBudgetIsSharedAndHard() throws Exception {
        Configuration configuration = Engines.configuration(Engine.TABLE);
        configuration.set(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE, BUDGET);
        KeybedStateBackend stateBackend =
                new KeybedStateBackend().configure(configuration, getClass().getClassLoader());
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> one =
                    Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
            AbstractKeyedStateBackend<Long> other =
                    Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
            long written = fill(one, 3_000);
            assertEquals(3_000, written);
            written += fill(other, 20_000);
            long bytes = written * VALUE.length();
            assertTrue(bytes < BUDGET.getBytes() && bytes > BUDGET.getBytes() / 2, () -> bytes + " bytes of values");
            assertEquals(VALUE, state(one, 17).value());
            one.dispose();
            // What one operator let go of, the other can have.
            state(other, -1).update(VALUE);
            other.dispose();
        }
    }

    /** While a snapshot is open, what is removed is copied first; and a restore may have more than the slot. */
    @Test
    void whoeverReachesTheBudgetIsToldWhatToDo() throws Exception {
        Configuration configuration = Engines.configuration(Engine.TABLE);
        configuration.set(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE, MemorySize.ofMebiBytes(4));
        KeybedStateBackend stateBackend =
                new KeybedStateBackend().configure(configuration, getClass().getClassLoader());
        KeyedStateHandle handle;
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> backend =
                    Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
            long written = fill(backend, 20_000);
            RunnableFuture<SnapshotResult<KeyedStateHandle>> checkpoint = backend.snapshot(
                    1,
                    1,
                    new MemCheckpointStreamFactory(64 << 20),
                    CheckpointOptions.forCheckpointWithDefaultLocation());
            Exception removal = assertThrows(FlinkRuntimeException.class, () -> {
                for (long key = 0; key < written; key++) {
                    state(backend, key).clear();
                }
            });
            assertTrue(removal.getMessage().contains("taskmanager.memory.managed.size"), removal.getMessage());
            handle = Backends.run(checkpoint);
            backend.dispose();
        }
        configuration.set(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE, MemorySize.ofMebiBytes(2));
        KeybedStateBackend smaller =
                new KeybedStateBackend().configure(configuration, getClass().getClassLoader());
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            Throwable restore = assertThrows(
                            BackendBuildingException.class,
                            () -> Backends.open(
                                    smaller, environment, LongSerializer.INSTANCE, Backends.ALL, List.of(handle)))
                    .getCause();
            assertTrue(restore.getMessage().contains("taskmanager.memory.managed.size"), restore.getMessage());
        }
    }

    /** RocksDB makes room by writing to its files. */
    @Test
    void aBudgetThatIsTooSmallMakesRocksSlowerAndNoWriteFails() throws Exception {
        Configuration configuration = Engines.configuration(Engine.ROCKS);
        configuration.set(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE, MemorySize.ofMebiBytes(2));
        KeybedStateBackend stateBackend =
                new KeybedStateBackend().configure(configuration, getClass().getClassLoader());
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<Long> one =
                    Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
            AbstractKeyedStateBackend<Long> other =
                    Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
            assertEquals(10_000, fill(one, 10_000));
            assertEquals(10_000, fill(other, 10_000));
            assertEquals(VALUE, state(one, 17).value());
            assertEquals(VALUE, state(other, 9_999).value());
            one.dispose();
            other.dispose();
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aSlotWithoutMemoryIsAnErrorAtTheStartThatNamesTheOptions(Engine engine) throws Exception {
        try (MockEnvironment environment = MockEnvironment.builder().setManagedMemorySize(0).build()) {
            for (MemorySize fixed : new MemorySize[] {null, MemorySize.parse("1000b")}) {
                Configuration configuration = Engines.configuration(engine);
                if (fixed != null) {
                    configuration.set(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE, fixed);
                }
                KeybedStateBackend stateBackend =
                        new KeybedStateBackend().configure(configuration, getClass().getClassLoader());
                String message = assertThrows(
                                IllegalConfigurationException.class,
                                () -> Backends.open(
                                        stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of()))
                        .getMessage();
                assertTrue(message.contains("taskmanager.memory.managed.size"), message);
                assertTrue(message.contains("state.backend.keybed.memory.fixed-per-slot"), message);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void slotsOfATaskManagerShareABudgetIfItsConfigurationSaysSo(Engine engine) throws Exception {
        Configuration configuration = Engines.configuration(engine);
        configuration.set(KeybedOptions.USE_MANAGED_MEMORY, false);
        // That of the job says nothing about a TaskManager.
        configuration.set(KeybedOptions.FIX_PER_TM_MEMORY_SIZE, MemorySize.ofMebiBytes(5));
        KeybedStateBackend stateBackend =
                new KeybedStateBackend().configure(configuration, getClass().getClassLoader());
        Configuration cluster = new Configuration();
        for (MemorySize size : new MemorySize[] {null, BUDGET}) {
            if (size != null) {
                cluster.set(KeybedOptions.FIX_PER_TM_MEMORY_SIZE, size);
            }
            try (MockEnvironment environment = MockEnvironment.builder()
                    .setTaskManagerRuntimeInfo(new TestingTaskManagerRuntimeInfo(cluster))
                    .build()) {
                AbstractKeyedStateBackend<Long> one =
                        Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
                AbstractKeyedStateBackend<Long> other =
                        Backends.open(stateBackend, environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
                long before = figure(other, "memory-used-bytes");
                // Less than RocksDB begins to flush at.
                fill(one, 1_000);
                boolean shared = figure(other, "memory-used-bytes") > before + 500_000;
                assertEquals(size == null ? 0 : size.getBytes(), figure(other, "memory-limit-bytes"));
                assertEquals(size != null, shared);
                one.dispose();
                other.dispose();
            }
        }
    }

    private static long figure(AbstractKeyedStateBackend<Long> backend, String name) {
        return ((KeybedKeyedStateBackend<Long>) backend).states().store().figures().get(name);
    }

    private static ValueState<String> state(AbstractKeyedStateBackend<Long> backend, long key) throws Exception {
        backend.setCurrentKey(key);
        return backend.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("value", StringSerializer.INSTANCE));
    }

    /** Writes until it is told to stop; how many values were written. */
    private static long fill(AbstractKeyedStateBackend<Long> backend, int most) throws Exception {
        for (long key = 0; key < most; key++) {
            ValueState<String> state = state(backend, key);
            if (key == most - 1) {
                state.update(VALUE);
                return most;
            }
            try {
                state.update(VALUE);
            } catch (FlinkRuntimeException e) {
                assertTrue(e.getMessage().contains("taskmanager.memory.managed.size"), e.getMessage());
                assertTrue(e.getMessage().contains("state.backend.keybed.engine: rocks"), e.getMessage());
                assertThrows(FlinkRuntimeException.class, () -> state.update(VALUE));
                return key;
            }
        }
        return most;
    }
}
