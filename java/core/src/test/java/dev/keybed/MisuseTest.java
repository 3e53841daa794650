package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MisuseTest {
    @TempDir
    Path directory;

    @Test
    void no_native_can_be_misused_with_any_argument() throws Exception {
        String output = new ChildJvm(directory).run(MisuseMatrix.class, directory.toString());
        assertTrue(output.contains(" 0 faults"), output);
        System.out.println("misuse matrix: " + output.strip());
    }
}
