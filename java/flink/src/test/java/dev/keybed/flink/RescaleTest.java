package dev.keybed.flink;

import dev.keybed.flink.Backends.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoints of some tasks are restored by others, more or fewer. */
class RescaleTest {

    @ParameterizedTest
    @EnumSource(names = {"TABLE", "TABLE_NATIVE_TIMERS", "ROCKS", "ROCKS_HEAP_TIMERS"})
    void oneTwoThreeOne(Kind keybed) throws Exception {
        List<KeyedStateHandle> handles = List.of();
        for (int parallelism : new int[] {1, 2, 3, 1}) {
            List<KeyedStateHandle> written = new ArrayList<>();
            for (int task = 0; task < parallelism; task++) {
                KeyGroupRange groups = KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
                        Backends.KEY_GROUPS, parallelism, task);
                written.add(runTask(keybed, groups, handles));
            }
            handles = written;
        }
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

    private static KeyedStateHandle runTask(Kind keybed, KeyGroupRange groups, List<KeyedStateHandle> handles)
            throws Exception {
        EveryState<String> state = state(groups);
        List<KeyedStateHandle> ours = new ArrayList<>();
        for (KeyedStateHandle handle : handles) {
            KeyedStateHandle part = handle.getIntersection(groups);
            if (part != null) {
                ours.add(part);
            }
        }
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
