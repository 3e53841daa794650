package dev.keybed.flink;

import dev.keybed.Engine;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.v2.State;
import org.apache.flink.api.common.state.v2.StateDescriptor;
import org.apache.flink.api.common.state.v2.ValueState;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.asyncprocessing.AsyncExecutionController;
import org.apache.flink.runtime.asyncprocessing.StateRequestHandler;
import org.apache.flink.runtime.state.AsyncKeyedStateBackend;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.CheckpointStorage;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.ConfigurableStateBackend;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.runtime.state.v2.AdaptedStateTestV2Base;
import org.apache.flink.runtime.state.v2.adaptor.AsyncKeyedStateBackendAdaptor;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Flink's suite for State V2, on the adaptor by which Flink gives it to backends like this one. */
@ExtendWith(ParameterizedTestExtension.class)
class KeybedStateV2Test extends AdaptedStateTestV2Base<KeybedStateBackend> {
    /** More than the suite uses. */
    private static final int KEY_GROUPS = 128;

    @Parameters(name = "{0}")
    static List<Engine> engines() {
        return Engines.all();
    }

    @Parameter
    Engine engine;

    private final List<CheckpointableKeyedStateBackend<?>> opened = new ArrayList<>();

    /** As Flink's tasks do it for backends without an asynchronous interface of their own. */
    private final class Adapted implements ConfigurableStateBackend {
        private static final long serialVersionUID = 1L;

        @Override
        public StateBackend configure(ReadableConfig config, ClassLoader classLoader) {
            return this;
        }

        @Override
        public <K> AsyncKeyedStateBackend<K> createAsyncKeyedStateBackend(KeyedStateBackendParameters<K> parameters)
                throws IOException {
            CheckpointableKeyedStateBackend<K> backend = createKeyedStateBackend(parameters);
            opened.add(backend);
            return new Told<>(backend);
        }

        @Override
        public <K> CheckpointableKeyedStateBackend<K> createKeyedStateBackend(KeyedStateBackendParameters<K> parameters)
                throws IOException {
            return Engines.backend(engine).createKeyedStateBackend(withAllKeyGroups(parameters));
        }

        /** The suite gives the size of the range as the number of key groups, also of ranges that do not begin at 0. */
        private <K> KeyedStateBackendParameters<K> withAllKeyGroups(KeyedStateBackendParameters<K> parameters) {
            return new KeyedStateBackendParametersImpl<>(
                    parameters.getEnv(),
                    parameters.getJobID(),
                    parameters.getOperatorIdentifier(),
                    parameters.getKeySerializer(),
                    KEY_GROUPS,
                    parameters.getKeyGroupRange(),
                    parameters.getKvStateRegistry(),
                    parameters.getTtlTimeProvider(),
                    parameters.getMetricGroup(),
                    parameters.getCustomInitializationMetrics(),
                    parameters.getStateHandles(),
                    parameters.getCancelStreamRegistry(),
                    parameters.getManagedMemoryFraction());
        }

        @Override
        public OperatorStateBackend createOperatorStateBackend(OperatorStateBackendParameters parameters)
                throws BackendBuildingException {
            return Engines.backend(engine).createOperatorStateBackend(parameters);
        }
    }

    /**
     * The adaptor, told of the record in turn before each access: a task's controller tells it when the record changes, that of
     * the suite tells nobody.
     */
    private static final class Told<K> extends AsyncKeyedStateBackendAdaptor<K> {
        private AsyncExecutionController<K, ?> controller;

        Told(CheckpointableKeyedStateBackend<K> backend) {
            super(backend);
        }

        @Override
        @SuppressWarnings("unchecked")
        public void setup(StateRequestHandler handler) {
            super.setup(handler);
            controller = (AsyncExecutionController<K, ?>) handler;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <N, S extends State, SV> S getOrCreateKeyedState(
                N defaultNamespace, TypeSerializer<N> namespaceSerializer, StateDescriptor<SV> descriptor) throws Exception {
            S state = super.getOrCreateKeyedState(defaultNamespace, namespaceSerializer, descriptor);
            return (S) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {ValueState.class}, (proxy, method, arguments) -> {
                        switchContext(controller.getCurrentContext());
                        return method.invoke(state, arguments);
                    });
        }
    }

    @Override
    protected ConfigurableStateBackend getStateBackend() {
        return new Adapted();
    }

    @Override
    protected CheckpointStorage getCheckpointStorage() {
        return new JobManagerCheckpointStorage();
    }

    @Override
    protected void restoreJob() {}

    @AfterEach
    void disposeAll() {
        opened.forEach(CheckpointableKeyedStateBackend::dispose);
    }
}
