package dev.keybed.flink;

import dev.keybed.Engine;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.runtime.state.StateBackendMigrationTestBase;
import org.apache.flink.runtime.testutils.statemigration.TestType;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** Flink's suite for serializers that change between two runs of a job, on every engine, with full and incremental checkpoints. */
@ExtendWith(ParameterizedTestExtension.class)
class KeybedMigrationTest extends StateBackendMigrationTestBase<KeybedStateBackend> {

    private static final StateTtlConfig ONE_DAY =
            StateTtlConfig.newBuilder(Duration.ofDays(1)).build();

    @Parameters(name = "{0}, incremental: {1}")
    static List<Object[]> modes() {
        return Engines.all().stream()
                .flatMap(engine -> Stream.of(new Object[] {engine, false}, new Object[] {engine, true}))
                .toList();
    }

    @Parameter(0)
    Engine engine;

    @Parameter(1)
    boolean incremental;

    @Override
    protected KeybedStateBackend getStateBackend() {
        return Engines.backend(engine, incremental);
    }

    /** The suite expects a backend to refuse this. We can, as Flink's RocksDB backend can. */
    @Override
    @TestTemplate
    protected void testStateMigrationAfterChangingTTLFromDisablingToEnabling() throws Exception {
        upgrade(descriptor -> {}, descriptor -> descriptor.enableTimeToLive(ONE_DAY));
    }

    /** As above. */
    @Override
    @TestTemplate
    protected void testStateMigrationAfterChangingTTLFromEnablingToDisabling() throws Exception {
        upgrade(descriptor -> descriptor.enableTimeToLive(ONE_DAY), descriptor -> {});
    }

    /** Runs jobs whose state changes its schema too, for each kind of state. */
    private void upgrade(Consumer<StateDescriptor<?, ?>> before, Consumer<StateDescriptor<?, ?>> after) throws Exception {
        TypeSerializer<TestType> old = new TestType.V1TestTypeSerializer();
        TypeSerializer<TestType> changed = new TestType.V2TestTypeSerializer();
        testKeyedValueStateUpgrade(
                with(before, new ValueStateDescriptor<>("ttl", old)),
                with(after, new ValueStateDescriptor<>("ttl", changed)));
        testKeyedListStateUpgrade(
                with(before, new ListStateDescriptor<>("ttl", old)),
                with(after, new ListStateDescriptor<>("ttl", changed)));
        testKeyedMapStateUpgrade(
                with(before, new MapStateDescriptor<>("ttl", IntSerializer.INSTANCE, old)),
                with(after, new MapStateDescriptor<>("ttl", IntSerializer.INSTANCE, changed)));
    }

    private static <D extends StateDescriptor<?, ?>> D with(Consumer<StateDescriptor<?, ?>> change, D descriptor) {
        change.accept(descriptor);
        return descriptor;
    }
}
