package dev.keybed;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A test of what every engine promises: it runs on each of them, or on the one that the system property {@code
 * keybed.test.engine} names. Its stores are opened here.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.keybed.EngineTest#engines")
abstract class EngineTest {
    static final String ENGINE_PROPERTY = "keybed.test.engine";

    @Parameter
    Engine engine;

    @TempDir
    Path directory;

    static List<Engine> engines() {
        String only = System.getProperty(ENGINE_PROPERTY, "");
        List<Engine> engines = Arrays.stream(Engine.values())
                .filter(each -> only.isEmpty() || only.equals(each.optionValue()))
                .toList();
        if (engines.isEmpty()) {
            throw new IllegalArgumentException(ENGINE_PROPERTY + " names no engine: " + only);
        }
        return engines;
    }

    /** Options that choose the engine, to go on from. */
    final StoreOptionsBuilder engineOptions() {
        return StoreOptions.builder().engine(engine);
    }

    /** The store in a directory, with the engine and else the defaults. */
    final Store open(Path directory) {
        return open(directory, engine);
    }

    /** The same for the main classes of other JVMs. */
    static Store open(Path directory, Engine engine) {
        return Store.open(directory, StoreOptions.builder().engine(engine).build());
    }
}
