package dev.keybed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keybed.Engine;
import dev.keybed.Expiry;
import dev.keybed.ValueForm;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.internal.InternalKvState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** State with a time to live and RocksDB's compactions, by the machine's clock. */
class CompactionCleanupTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final MockEnvironment environment = MockEnvironment.builder().build();
    private AbstractKeyedStateBackend<Long> backend;

    @AfterEach
    void close() throws Exception {
        backend.dispose();
        environment.close();
    }

    private void open(List<KeyedStateHandle> handles) throws Exception {
        if (backend != null) {
            backend.dispose();
        }
        backend = Backends.open(
                Engines.backend(Engine.ROCKS), environment, LongSerializer.INSTANCE, Backends.ALL, handles);
        backend.setCurrentKey(42L);
    }

    private <S extends State> S state(StateDescriptor<S, ?> descriptor, Duration ttl) throws Exception {
        if (ttl != null) {
            descriptor.enableTimeToLive(StateTtlConfig.newBuilder(ttl).build());
        }
        return backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
    }

    private static ValueStateDescriptor<Long> value() {
        return new ValueStateDescriptor<>("value", Long.class);
    }

    private static ListStateDescriptor<String> list() {
        return new ListStateDescriptor<>("list", String.class);
    }

    private static MapStateDescriptor<Long, String> map() {
        return new MapStateDescriptor<>("map", Long.class, String.class);
    }

    private int compacted() {
        KeybedKeyedStateBackend<Long> ours = (KeybedKeyedStateBackend<Long>) backend;
        List.of(value(), list(), map()).forEach(ours::compactState);
        return ours.numKeyValueStateEntries();
    }

    @Test
    void state_that_gets_a_time_to_live_when_it_is_restored_lives_that_long_from_then_on() throws Exception {
        open(List.of());
        // Values that would be times long gone.
        state(value(), null).update(1L);
        state(list(), null).addAll(List.of("a", "b,c"));
        MapState<Long, String> map = state(map(), null);
        map.put(1L, "one");
        map.put(2L, null);
        assertThat(compacted()).isEqualTo(4);
        KeyedStateHandle without = Backends.checkpoint(backend, 1);

        open(List.of(without));
        ValueState<Long> value = state(value(), LONG);
        ListState<String> list = state(list(), LONG);
        map = state(map(), LONG);
        assertThat(compacted()).isEqualTo(4);
        assertThat(value.value()).isEqualTo(1L);
        assertThat(list.get()).containsExactly("a", "b,c");
        assertThat(map.get(1L)).isEqualTo("one");
        KeyedStateHandle with = Backends.checkpoint(backend, 2);

        open(List.of(with));
        state(value(), SHORT);
        state(list(), SHORT);
        state(map(), SHORT);
        Thread.sleep(10);
        // What is null has no time, and stays.
        assertThat(compacted()).isEqualTo(1);

        open(List.of(with));
        state(value(), null);
        state(list(), null);
        state(map(), null);
        assertThat(compacted()).isEqualTo(4);
    }

    @Test
    void a_state_that_is_cleaned_up_by_compactions_is_walked_only_if_the_job_asks_for_it() throws Exception {
        open(List.of());
        StateTtlConfig byDefault = StateTtlConfig.newBuilder(LONG).build();
        StateTtlConfig asked = StateTtlConfig.newBuilder(LONG).cleanupIncrementally(3, false).build();
        StateTtlConfig only = StateTtlConfig.newBuilder(LONG)
                .disableCleanupInBackground()
                .cleanupIncrementally(5, false)
                .build();
        assertThat(CompactionCleanup.isAlsoIncremental(byDefault)).isFalse();
        assertThat(CompactionCleanup.isAlsoIncremental(asked)).isTrue();
        assertThat(CompactionCleanup.isAlsoIncremental(only)).isTrue();
        InternalKvState<?, ?, ?> state = (InternalKvState<?, ?, ?>) state(value(), null);
        assertThat(state).isNotNull();
    }

    @Test
    void the_store_is_told_where_values_have_their_time() throws Exception {
        open(List.of());
        KeybedKeyedStateBackend<Long> ours = (KeybedKeyedStateBackend<Long>) backend;
        ListStateDescriptor<Long> longs = new ListStateDescriptor<>("longs", Long.class);
        ListStateDescriptor<byte[]> arrays = new ListStateDescriptor<>("arrays", byte[].class);
        ListStateDescriptor<List<Integer>> lists = new ListStateDescriptor<>(
                "lists", org.apache.flink.api.common.typeinfo.Types.LIST(org.apache.flink.api.common.typeinfo.Types.INT));
        assertThat(form(ours, value())).isEqualTo(ValueForm.value());
        assertThat(form(ours, map())).isEqualTo(ValueForm.mapEntry());
        assertThat(form(ours, longs)).isEqualTo(ValueForm.listOfFixed(Long.BYTES));
        assertThat(form(ours, list())).isEqualTo(ValueForm.listOfText());
        assertThat(form(ours, arrays)).isEqualTo(ValueForm.listOfBytes());
        assertThat(form(ours, lists)).isEqualTo(ValueForm.listOfUnknown());
    }

    private <S extends State> ValueForm form(KeybedKeyedStateBackend<Long> ours, StateDescriptor<S, ?> descriptor)
            throws Exception {
        state(descriptor, LONG);
        Expiry expiry = CompactionCleanup.expiry(descriptor, ours.serializerOf(descriptor.getName()));
        assertThat(expiry.ttlMillis()).isEqualTo(LONG.toMillis());
        assertThat(expiry.entriesAClock()).isEqualTo(1000);
        assertThat(expiry.rewriteSeconds()).isEqualTo(Duration.ofDays(30).toSeconds());
        return expiry.form();
    }
}
