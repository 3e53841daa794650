package dev.keybed.flink;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.state.StreamStateHandle;

/**
 * Which files of incremental checkpoints are in the checkpoint storage, by their identities: what need not be uploaded again.
 * Thread-safe.
 *
 * <p>Flink deletes a file when no checkpoint that it keeps has it. So a checkpoint may refer only to files of the newest
 * <em>confirmed</em> one, and only if every checkpoint in between that may still be confirmed has them as well: once it is, Flink
 * deletes what it lacks.
 */
final class UploadedFiles {
    /** Of each checkpoint that was begun and not aborted: its files, null until they are known. */
    private final TreeMap<Long, Map<String, StreamStateHandle>> checkpoints = new TreeMap<>();

    private final boolean neverReturns;
    private long confirmed = Long.MIN_VALUE;

    /** @param neverReturns whether a file that one checkpoint lacks is in no later one; so it is with RocksDB's */
    UploadedFiles(boolean neverReturns) {
        this.neverReturns = neverReturns;
    }

    /** The files of the checkpoint from which the backend was restored. */
    synchronized void restored(long checkpoint, Map<String, StreamStateHandle> files) {
        checkpoints.computeIfAbsent(checkpoint, id -> new HashMap<>()).putAll(files);
        confirmed = Math.max(confirmed, checkpoint);
    }

    synchronized void begun(long checkpoint) {
        checkpoints.put(checkpoint, null);
    }

    /** What a checkpoint that was begun may refer to. */
    synchronized Map<String, StreamStateHandle> reusable(long checkpoint) {
        Map<String, StreamStateHandle> files = checkpoints.get(confirmed);
        if (files == null || checkpoint <= confirmed) {
            return Map.of();
        }
        Map<String, StreamStateHandle> reusable = new HashMap<>(files);
        for (Map<String, StreamStateHandle> between :
                checkpoints.subMap(confirmed, false, checkpoint, false).values()) {
            if (between != null) {
                reusable.keySet().retainAll(between.keySet());
            } else if (!neverReturns) {
                return Map.of();
            }
        }
        return reusable;
    }

    /** All files of a checkpoint are in the storage. */
    synchronized void written(long checkpoint, Map<String, StreamStateHandle> files) {
        // Unless it has been aborted, or a newer one confirmed.
        if (checkpoints.containsKey(checkpoint)) {
            checkpoints.put(checkpoint, files);
        }
    }

    /** A checkpoint is not worked on any more, whether it was written, failed or was cancelled. */
    synchronized void ended(long checkpoint) {
        checkpoints.remove(checkpoint, null);
    }

    /** A checkpoint has failed or was aborted. */
    synchronized void forget(long checkpoint) {
        if (checkpoint != confirmed) {
            checkpoints.remove(checkpoint);
        }
    }

    /** Flink has confirmed a checkpoint; if it is one of these, the ones before are gone. A savepoint is none. */
    synchronized void confirmed(long checkpoint) {
        if (checkpoint > confirmed && checkpoints.get(checkpoint) != null) {
            confirmed = checkpoint;
            checkpoints.headMap(checkpoint, false).clear();
        }
    }
}
