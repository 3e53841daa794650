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
    @EnumSource(names = {"TABLE", "ROCKS"})
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

    private static KeyedStateHandle runTask(Kind keybed, KeyGroupRange groups, List<KeyedStateHandle> handles)
            throws Exception {
        EveryState<String> state = new EveryState<>(StringSerializer.INSTANCE, i -> "key " + i, groups);
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
