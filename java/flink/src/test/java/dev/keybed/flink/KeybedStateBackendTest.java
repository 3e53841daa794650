package dev.keybed.flink;

import dev.keybed.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.state.CheckpointStorage;
import org.apache.flink.runtime.state.ConfigurableStateBackend;
import org.apache.flink.runtime.state.StateBackendTestBase;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.apache.flink.testutils.junit.utils.TempDirUtils;
import org.apache.flink.util.function.SupplierWithException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Flink's suite for state backends, on every engine, with full and incremental checkpoints, on both kinds of checkpoint storage. */
@ExtendWith(ParameterizedTestExtension.class)
class KeybedStateBackendTest extends StateBackendTestBase<KeybedStateBackend> {
    @TempDir
    private static Path folder;

    @Parameters(name = "{0}, incremental: {1}, {2}")
    static List<Object[]> modes() {
        List<Object[]> modes = new ArrayList<>();
        for (Engine engine : Engines.all()) {
            for (boolean incremental : new boolean[] {false, true}) {
                modes.add(new Object[] {engine, incremental, "memory", (Storage) JobManagerCheckpointStorage::new});
                modes.add(new Object[] {engine, incremental, "files", (Storage) () -> new FileSystemCheckpointStorage(
                        new org.apache.flink.core.fs.Path(TempDirUtils.newFolder(folder).toURI()), 0, -1)});
            }
        }
        return modes;
    }

    private interface Storage extends SupplierWithException<CheckpointStorage, IOException> {}

    @Parameter(0)
    Engine engine;

    @Parameter(1)
    boolean incremental;

    @Parameter(2)
    String storageName;

    @Parameter(3)
    SupplierWithException<CheckpointStorage, IOException> storage;

    @Override
    protected ConfigurableStateBackend getStateBackend() {
        return Engines.backend(engine, incremental);
    }

    @Override
    protected CheckpointStorage getCheckpointStorage() throws Exception {
        return storage.get();
    }

    @Override
    protected boolean isSerializerPresenceRequiredOnRestore() {
        return false;
    }

    @Override
    protected boolean supportsAsynchronousSnapshots() {
        return true;
    }

    /** Where timers are native, as they are by default with this engine. */
    @Override
    protected boolean isSafeToReuseKVState() {
        return engine == Engine.ROCKS;
    }
}
