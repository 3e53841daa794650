package dev.keybed.bench.flink;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;

/** Takes checkpoints of backends to files in a directory. */
final class Checkpoints {
    private static final int WRITE_BUFFER = 4096;

    private final CheckpointStreamFactory streams;
    /** The checkpoint coordinator's part: it knows the files that a checkpoint has in common with those before. */
    private final SharedStateRegistry shared = new SharedStateRegistryImpl();

    private long id;

    Checkpoints(Path directory) throws IOException {
        org.apache.flink.core.fs.Path path = org.apache.flink.core.fs.Path.fromLocalFile(directory.toFile());
        streams = new FsCheckpointStreamFactory(FileSystem.getLocalFileSystem(), path, path, 0, WRITE_BUFFER);
    }

    /** A checkpoint and how long it took, in milliseconds: the task's thread, and all of it. */
    record Taken(KeyedStateHandle handle, double syncMillis, double totalMillis) {}

    /** Takes one and tells the backend that it is complete. */
    Taken take(AbstractKeyedStateBackend<Long> backend) throws Exception {
        id++;
        long start = System.nanoTime();
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future =
                backend.snapshot(id, id, streams, CheckpointOptions.forCheckpointWithDefaultLocation());
        double sync = CheckpointBench.millisSince(start);
        if (!future.isDone()) {
            future.run();
        }
        KeyedStateHandle handle = future.get().getJobManagerOwnedSnapshot();
        double total = CheckpointBench.millisSince(start);
        handle.registerSharedStates(shared, id);
        backend.notifyCheckpointComplete(id);
        return new Taken(handle, sync, total);
    }
}
