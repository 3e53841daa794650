package dev.keybed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keybed.Engine;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.ttl.StateBackendTestContext;
import org.junit.jupiter.api.TestTemplate;

/** Flink's suite for state with a time to live in RocksDB, and what compactions do for it there, for each kind of state. */
class KeybedTtlRocksTest extends AbstractTtlTest {
    private StateDescriptor<State, Object> descriptor;

    KeybedTtlRocksTest() {
        super(Engine.ROCKS);
    }

    private StateDescriptor<State, Object> initCompacted() throws Exception {
        return initTest(getConfBuilder(TTL).cleanupInRocksdbCompactFilter(1).build());
    }

    private void compact() {
        KeybedKeyedStateBackend<String> backend = sbetc.getKeyedStateBackend();
        backend.compactState(descriptor);
    }

    private void update(String key, long time) throws Exception {
        timeProvider.time = time;
        sbetc.setCurrentKey(key);
        ctx().setCurrentNamespace("ns-" + key);
        ctx().update(ctx().updateEmpty);
    }

    private Object get(String key) throws Exception {
        sbetc.setCurrentKey(key);
        ctx().setCurrentNamespace("ns-" + key);
        return ctx().get();
    }

    @TestTemplate
    void a_compaction_drops_what_is_over_and_leaves_the_rest() throws Exception {
        descriptor = initCompacted();
        update("old", 0);
        update("young", 50);
        compact();
        int all = numberOfEntries();
        assertThat(get("old")).isEqualTo(ctx().getUpdateEmpty);
        timeProvider.time = 120;
        compact();
        assertThat(numberOfEntries()).isEqualTo(all / 2);
        assertThat(get("young")).isEqualTo(ctx().getUpdateEmpty);
        assertThat(get("old")).isEqualTo(ctx().emptyValue);
        timeProvider.time = 170;
        compact();
        assertThat(numberOfEntries()).isZero();
        assertThat(get("young")).isEqualTo(ctx().emptyValue);
        // And it can be written again.
        update("old", 180);
        compact();
        assertThat(get("old")).isEqualTo(ctx().getUpdateEmpty);
    }

    @TestTemplate
    void what_is_restored_is_dropped_too() throws Exception {
        descriptor = initCompacted();
        update("old", 0);
        update("young", 50);
        takeAndRestoreSnapshot(StateBackendTestContext.NUMBER_OF_KEY_GROUPS);
        int all = numberOfEntries();
        timeProvider.time = 120;
        compact();
        assertThat(numberOfEntries()).isEqualTo(all / 2);
        assertThat(get("young")).isEqualTo(ctx().getUpdateEmpty);
        assertThat(get("old")).isEqualTo(ctx().emptyValue);
    }
}
