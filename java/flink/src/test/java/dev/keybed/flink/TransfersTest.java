package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransfersTest {
    @TempDir
    Path folder;

    /** A client of a storage that is gone may give every caller the same exception. */
    @Test
    void the_failure_of_a_storage_is_what_is_thrown_though_all_files_have_it() throws Exception {
        IOException failure = new IOException("the storage is gone");
        List<Path> files = List.of(
                Files.writeString(folder.resolve("one"), "1"), Files.writeString(folder.resolve("two"), "2"));
        MemCheckpointStreamFactory broken = new MemCheckpointStreamFactory(1024) {
            @Override
            public CheckpointStateOutputStream createCheckpointStateOutputStream(CheckpointedStateScope scope)
                    throws IOException {
                throw failure;
            }
        };
        IOException thrown = assertThrows(
                IOException.class,
                () -> new Transfers(2).upload(files, broken, CheckpointedStateScope.SHARED, new CloseableRegistry()));
        assertSame(failure, thrown);
    }
}
