package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PanicInjectionTest extends EngineTest {
    @Test
    void a_panic_behind_any_native_is_an_exception_and_poisons_the_store() throws Exception {
        Path library = Path.of(System.getProperty(NativeLoader.PATH_PROPERTY)).resolveSibling("../failpoints/libkeybed.so");
        assertTrue(Files.exists(library), "run scripts/failpoints.sh first: it builds " + library.normalize());
        String output = new ChildJvm(directory)
                .with("-D" + NativeLoader.PATH_PROPERTY + "=" + library.normalize())
                .run(PanicMatrix.class, directory.toString(), engine.name());
        assertTrue(output.contains(" 0 faults"), output);
    }
}
