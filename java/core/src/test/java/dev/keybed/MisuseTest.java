package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MisuseTest extends EngineTest {
    @Test
    void no_native_can_be_misused_with_any_argument() throws Exception {
        String output = new ChildJvm(directory).run(MisuseMatrix.class, directory.toString(), engine.name());
        assertTrue(output.contains(" 0 faults"), output);
        System.out.println("misuse matrix on " + engine + ": " + output.strip());
    }
}
