package dev.keybed.flink;

import dev.keybed.Engine;
import java.util.List;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A backend with keys of type Long on each engine. */
@ExtendWith(ParameterizedTestExtension.class)
abstract class AbstractBackendTest {

    @Parameters(name = "{0}")
    static List<Engine> engines() {
        return Engines.all();
    }

    @Parameter
    Engine engine;

    private MockEnvironment environment;
    AbstractKeyedStateBackend<Long> backend;

    @BeforeEach
    void openBackend() throws Exception {
        environment = MockEnvironment.builder().build();
        backend = Backends.open(
                Engines.backend(engine), environment, LongSerializer.INSTANCE, Backends.ALL, List.of());
    }

    @AfterEach
    void closeBackend() throws Exception {
        backend.dispose();
        environment.close();
    }

    /** A state without namespaces. */
    <S extends State> S state(StateDescriptor<S, ?> descriptor) throws Exception {
        return backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
    }
}
