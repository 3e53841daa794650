package dev.keybed.demo;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A test that runs on each engine, or on the one that the system property {@code keybed.test.engine} names. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.keybed.demo.EngineTest#engines")
abstract class EngineTest {
    @Parameter
    String engine;

    @TempDir
    Path directory;

    static List<String> engines() {
        String only = System.getProperty("keybed.test.engine", "");
        return only.isEmpty() ? List.of("table", "rocks") : List.of(only);
    }
}
