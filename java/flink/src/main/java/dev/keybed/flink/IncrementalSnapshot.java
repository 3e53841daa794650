package dev.keybed.flink;

import dev.keybed.PreparedSnapshot;
import dev.keybed.SnapshotFiles;
import java.nio.file.Path;
import org.apache.flink.runtime.state.SnapshotResources;

/**
 * All state of a backend at a moment, of which only what is new will be uploaded: taken by the task's thread, written by another.
 *
 * <p>{@link #release} takes away what there is of it on this machine, unless it is kept for local recovery.
 */
final class IncrementalSnapshot<K> implements SnapshotResources {
    private final FullSnapshot<K> head;
    /** Null if there are neither states nor timers. */
    private final PreparedSnapshot prepared;

    private final Path directory;
    private final Runnable whenReleased;
    private final Handover handover = new Handover();
    private boolean kept;

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

    /**
     * The snapshot is uploaded.
     *
     * @param keep whether the directory is the local copy from now on
     * @param undo takes back what is in the checkpoint storage
     */
    void uploaded(boolean keep, Runnable undo) {
        kept = keep;
        handover.written(undo);
    }

    /** Called once: by the thread that wrote the snapshot, whatever came of it, or by the one that cancelled it before. */
    @Override
    public void release() {
        try {
            head.release();
            if (prepared != null) {
                prepared.close();
                if (!kept || handover.isCancelled()) {
                    WorkingDirectory.delete(directory);
                    kept = false;
                }
            }
        } finally {
            whenReleased.run();
        }
        handover.end();
    }
}
