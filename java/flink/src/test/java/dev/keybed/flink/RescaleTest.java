package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keybed.Engine;
import dev.keybed.flink.Backends.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoints of some tasks are restored by others, more or fewer. */
class RescaleTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"TABLE", "TABLE_NATIVE_TIMERS", "ROCKS", "ROCKS_HEAP_TIMERS"})
    void oneTwoThreeOne(Kind keybed) throws Exception {
        List<KeyedStateHandle> handles = List.of();
        for (int parallelism : new int[] {1, 2, 3, 1}) {
            List<KeyedStateHandle> written = new ArrayList<>();
            for (int task = 0; task < parallelism; task++) {
                written.add(runTask(keybed, groups(parallelism, task), handles));
            }
            handles = written;
        }
    }

    /** The same through incremental checkpoints, three at each parallelism: each may refer to files of the ones before. */
    @ParameterizedTest
    @EnumSource(names = {"TABLE", "ROCKS"})
    void oneTwoThreeOneIncrementally(Kind keybed) throws Exception {
        Coordinator coordinator = new Coordinator(folder);
        List<KeyedStateHandle> handles = List.of();
        long id = 0;
        for (int parallelism : new int[] {1, 2, 2, 3, 1, 1}) {
            List<MockEnvironment> environments = new ArrayList<>();
            List<AbstractKeyedStateBackend<String>> backends = new ArrayList<>();
            for (int task = 0; task < parallelism; task++) {
                KeyGroupRange groups = groups(parallelism, task);
                environments.add(MockEnvironment.builder().build());
                backends.add(Backends.open(
                        Engines.backend(keybed == Kind.TABLE ? Engine.TABLE : Engine.ROCKS, true),
                        environments.get(task),
                        StringSerializer.INSTANCE,
                        groups,
                        parts(handles, groups)));
                EveryState<String> state = state(groups);
                if (handles.isEmpty()) {
                    state.write(backends.get(task));
                }
                state.check(backends.get(task));
            }
            for (int round = 0; round < 3; round++) {
                handles = new ArrayList<>();
                id++;
                for (int task = 0; task < parallelism; task++) {
                    changeRound(backends.get(task), groups(parallelism, task), id);
                    handles.add(coordinator.write(backends.get(task), id));
                }
                coordinator.confirm(id, backends.toArray(new AbstractKeyedStateBackend<?>[0]));
            }
            for (int task = 0; task < parallelism; task++) {
                assertEquals(id, round(backends.get(task), groups(parallelism, task)));
                backends.get(task).dispose();
                environments.get(task).close();
            }
        }
    }

    private static final ValueStateDescriptor<Long> ROUND = new ValueStateDescriptor<>("round", LongSerializer.INSTANCE);

    /** Every key of the task has the same value in one more state, which must be that of the last round. */
    private static void changeRound(AbstractKeyedStateBackend<String> backend, KeyGroupRange groups, long round)
            throws Exception {
        ValueState<Long> state = backend.getPartitionedState(
                VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, ROUND);
        for (int i = 0; i < 300; i++) {
            if (groups.contains(KeyGroupRangeAssignment.assignToKeyGroup("key " + i, Backends.KEY_GROUPS))) {
                backend.setCurrentKey("key " + i);
                Long before = state.value();
                assertEquals(round == 1 ? null : Long.valueOf(round - 1), before);
                state.update(round);
            }
        }
    }

    private static long round(AbstractKeyedStateBackend<String> backend, KeyGroupRange groups) throws Exception {
        ValueState<Long> state = backend.getPartitionedState(
                VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, ROUND);
        for (int i = 0; ; i++) {
            if (groups.contains(KeyGroupRangeAssignment.assignToKeyGroup("key " + i, Backends.KEY_GROUPS))) {
                backend.setCurrentKey("key " + i);
                return state.value();
            }
        }
    }

    private static KeyGroupRange groups(int parallelism, int task) {
        return KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(Backends.KEY_GROUPS, parallelism, task);
    }

    /** A checkpoint of one engine goes to the other, as blocks where that is possible. */
    @ParameterizedTest
    @EnumSource(names = {"TABLE", "ROCKS"})
    void theOtherEngine(Kind keybed) throws Exception {
        Kind other = keybed == Kind.TABLE ? Kind.ROCKS : Kind.TABLE;
        KeyedStateHandle first = runTask(keybed, Backends.ALL, List.of());
        KeyedStateHandle second = runTask(other, Backends.ALL, List.of(first));
        runTask(keybed, Backends.ALL, List.of(second));
    }

    /** A task clears expired state up in its snapshots, which are canonical then; another has not made that state yet. */
    @ParameterizedTest
    @EnumSource(names = {"TABLE", "ROCKS"})
    void snapshotsOfBothFormats(Kind keybed) throws Exception {
        List<KeyedStateHandle> handles = new ArrayList<>();
        for (int task = 0; task < 2; task++) {
            KeyGroupRange groups =
                    KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(Backends.KEY_GROUPS, 2, task);
            try (MockEnvironment environment = MockEnvironment.builder().build()) {
                AbstractKeyedStateBackend<String> backend = Backends.open(
                        keybed.stateBackend(), environment, StringSerializer.INSTANCE, groups, List.of());
                state(groups).write(backend);
                handles.add(task == 0 ? Backends.savepoint(backend) : Backends.checkpoint(backend, 1));
                backend.dispose();
            }
        }
        runTask(keybed, Backends.ALL, handles);
        runTask(keybed, Backends.ALL, List.of(handles.get(1), handles.get(0)));
    }

    /** Timers go from the heap into the store, and back, with the checkpoints of either. */
    @ParameterizedTest
    @EnumSource(names = {"TABLE", "ROCKS"})
    void otherTimers(Kind keybed) throws Exception {
        KeyedStateHandle first = runTask(keybed, Backends.ALL, List.of());
        KeyedStateHandle second = runTask(keybed.otherTimers(), Backends.ALL, List.of(first));
        KeyedStateHandle third = runTask(keybed, Backends.ALL, List.of(second));
        Kind other = keybed == Kind.TABLE ? Kind.ROCKS : Kind.TABLE;
        KeyedStateHandle fourth = runTask(other, Backends.ALL, List.of(third));
        KeyedStateHandle fifth = runTask(keybed.otherTimers(), Backends.ALL, List.of(fourth));
        runTask(other.otherTimers(), Backends.ALL, List.of(fifth));
    }

    private static EveryState<String> state(KeyGroupRange groups) {
        return new EveryState<>(StringSerializer.INSTANCE, i -> "key " + i, groups);
    }

    private static List<KeyedStateHandle> parts(List<KeyedStateHandle> handles, KeyGroupRange groups) {
        return handles.stream()
                .map(handle -> handle.getIntersection(groups))
                .filter(Objects::nonNull)
                .toList();
    }

    private static KeyedStateHandle runTask(Kind keybed, KeyGroupRange groups, List<KeyedStateHandle> handles)
            throws Exception {
        EveryState<String> state = state(groups);
        List<KeyedStateHandle> ours = parts(handles, groups);
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            AbstractKeyedStateBackend<String> backend =
                    Backends.open(keybed.stateBackend(), environment, StringSerializer.INSTANCE, groups, ours);
            try {
                if (handles.isEmpty()) {
                    state.write(backend);
                }
                state.check(backend);
                return Backends.checkpoint(backend, 1);
            } finally {
                backend.dispose();
            }
        }
    }
}
