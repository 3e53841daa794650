package dev.keybed.flink;

import dev.keybed.Engine;
import java.util.List;
import org.apache.flink.runtime.state.StateBackendMigrationTestBase;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.junit.jupiter.api.extension.ExtendWith;

/** Flink's suite for serializers that change between two runs of a job, on every engine. */
@ExtendWith(ParameterizedTestExtension.class)
class KeybedMigrationTest extends StateBackendMigrationTestBase<KeybedStateBackend> {

    @Parameters(name = "{0}")
    static List<Engine> modes() {
        return Engines.all();
    }

    @Parameter
    Engine engine;

    @Override
    protected KeybedStateBackend getStateBackend() {
        return Engines.backend(engine);
    }
}
