package dev.keybed.flink;

import dev.keybed.Engine;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.ttl.StateBackendTestContext;
import org.apache.flink.runtime.state.ttl.TtlStateTestBase;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/** Flink's suite for state with a time to live, on the engine TABLE. */
class KeybedTtlTableTest extends TtlStateTestBase {

    @Override
    protected StateBackendTestContext createStateBackendTestContext(TtlTimeProvider timeProvider) {
        return new StateBackendTestContext(timeProvider) {
            @Override
            protected StateBackend createStateBackend() {
                return Engines.backend(Engine.TABLE);
            }
        };
    }

    @Override
    protected boolean incrementalCleanupSupported() {
        return false;
    }
}
