package dev.keybed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keybed.Engine;
import org.apache.flink.api.common.state.State;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.ttl.OffHeapTtlStateTestBase;
import org.apache.flink.runtime.state.ttl.StateBackendTestContext;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.junit.jupiter.api.TestTemplate;

/** Flink's suite for state with a time to live. */
abstract class AbstractTtlTest extends OffHeapTtlStateTestBase {
    private final Engine engine;

    AbstractTtlTest(Engine engine) {
        this.engine = engine;
    }

    @Override
    protected StateBackendTestContext createStateBackendTestContext(TtlTimeProvider timeProvider) {
        return new StateBackendTestContext(timeProvider) {
            @Override
            protected StateBackend createStateBackend() {
                return Engines.backend(engine);
            }
        };
    }

    @Override
    protected boolean incrementalCleanupSupported() {
        return true;
    }

    @Override
    protected int numberOfEntries() {
        KeybedKeyedStateBackend<String> backend = sbetc.getKeyedStateBackend();
        return backend.numKeyValueStateEntries();
    }

    /** The suite expects a backend to refuse this. We can, as Flink's RocksDB backend can: the state is migrated. */
    @Override
    @TestTemplate
    protected void testRestoreTtlAndRegisterNonTtlStateCompatFailure() throws Exception {
        initTest();
        timeProvider.time = 0;
        ctx().update(ctx().updateEmpty);
        KeyedStateHandle snapshot = sbetc.takeSnapshot();
        sbetc.createAndRestoreKeyedStateBackend(snapshot);
        sbetc.setCurrentKey("defaultKey");
        State state = sbetc.createState(ctx().createStateDescriptor(), "");
        assertThat(state).isInstanceOf(AbstractKeybedState.class);
    }
}
