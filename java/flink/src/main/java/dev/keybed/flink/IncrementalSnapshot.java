package dev.keybed.flink;

import dev.keybed.PreparedSnapshot;
import dev.keybed.SnapshotFiles;
import java.nio.file.Path;
import org.apache.flink.runtime.state.SnapshotResources;

/**
 * All state of a backend at a moment, of which only what is new will be uploaded: taken by the task's thread, written by another.
 *
 * <p>{@link #release} takes away what there is of it on this machine, unless it is {@linkplain #keep kept} for local recovery.
 */
final class IncrementalSnapshot<K> implements SnapshotResources {
    private final FullSnapshot<K> head;
    /** Null if there are neither states nor timers. */
    private final PreparedSnapshot prepared;

    private final Path directory;
    private final Runnable whenReleased;
    private volatile boolean kept;

    /**
     * @param head serializers and timers
     * @param directory where the files will be
     */
    IncrementalSnapshot(FullSnapshot<K> head, PreparedSnapshot prepared, Path directory, Runnable whenReleased) {
        this.head = head;
        this.prepared = prepared;
        this.directory = directory;
        this.whenReleased = whenReleased;
    }

    FullSnapshot<K> head() {
        return head;
    }

    boolean isEmpty() {
        return prepared == null;
    }

    Path directory() {
        return directory;
    }

    /** Writes what the files before have not, and gives the directory its name. */
    SnapshotFiles finish() {
        return prepared.finish();
    }

    /** The directory is somebody else's from now on. */
    void keep() {
        kept = true;
    }

    /** Called once the snapshot is uploaded, has failed or was cancelled, by any thread. */
    @Override
    public void release() {
        try {
            head.release();
            if (prepared != null) {
                prepared.close();
                if (!kept) {
                    WorkingDirectory.delete(directory);
                }
            }
        } finally {
            whenReleased.run();
        }
    }
}
