package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.Test;

/** Which files a checkpoint may refer to. */
class UploadedFilesTest {
    private final UploadedFiles table = new UploadedFiles(false);
    private final UploadedFiles rocks = new UploadedFiles(true);

    private static Map<String, StreamStateHandle> files(String... names) {
        Map<String, StreamStateHandle> files = new HashMap<>();
        for (String name : names) {
            files.put(name, new ByteStreamStateHandle(name, new byte[1]));
        }
        return files;
    }

    private static void write(UploadedFiles uploaded, long checkpoint, String... names) {
        uploaded.begun(checkpoint);
        uploaded.written(checkpoint, files(names));
        uploaded.ended(checkpoint);
    }

    @Test
    void thoseOfTheNewestThatIsConfirmed() {
        write(table, 1, "a", "b");
        table.begun(2);
        assertEquals(Set.of(), table.reusable(2).keySet());
        table.confirmed(1);
        assertEquals(Set.of("a", "b"), table.reusable(2).keySet());
        table.written(2, files("b", "c"));
        table.begun(3);
        assertEquals(Set.of("b"), table.reusable(3).keySet());
        table.confirmed(2);
        assertEquals(Set.of("b", "c"), table.reusable(3).keySet());
    }

    @Test
    void whatIsConfirmedLateOrIsASavepointChangesNothing() {
        write(table, 1, "a");
        write(table, 3, "b");
        table.confirmed(3);
        table.confirmed(1);
        table.confirmed(7);
        table.begun(8);
        assertEquals(Set.of("b"), table.reusable(8).keySet());
    }

    @Test
    void onlyWhatAllInBetweenHaveThatMayBeConfirmed() {
        write(table, 1, "a", "b");
        table.confirmed(1);
        write(table, 2, "b");
        table.begun(3);
        assertEquals(Set.of("b"), table.reusable(3).keySet());
        table.forget(2);
        assertEquals(Set.of("a", "b"), table.reusable(3).keySet());
    }

    @Test
    void nothingOfATableWhileTheOneBeforeIsBeingWritten() {
        for (UploadedFiles uploaded : new UploadedFiles[] {table, rocks}) {
            write(uploaded, 1, "a");
            uploaded.confirmed(1);
            uploaded.begun(2);
            uploaded.begun(3);
            assertEquals(uploaded == rocks ? Set.of("a") : Set.of(), uploaded.reusable(3).keySet());
            uploaded.ended(2);
            assertEquals(Set.of("a"), uploaded.reusable(3).keySet());
        }
    }

    @Test
    void oneThatWasAbortedWhileItWasWrittenIsForgotten() {
        write(table, 1, "a");
        table.confirmed(1);
        table.begun(2);
        table.forget(2);
        table.written(2, files("b"));
        table.confirmed(2);
        table.begun(3);
        assertEquals(Set.of("a"), table.reusable(3).keySet());
    }

    @Test
    void thoseOfTheCheckpointThatWasRestored() {
        table.restored(5, files("a"));
        table.restored(5, files("b"));
        table.begun(6);
        assertEquals(Set.of("a", "b"), table.reusable(6).keySet());
        table.forget(5);
        assertEquals(Set.of("a", "b"), table.reusable(6).keySet());
    }
}
