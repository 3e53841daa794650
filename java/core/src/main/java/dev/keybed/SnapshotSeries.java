package dev.keybed;

import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * Snapshots of a store in directories, each of which is complete by itself and writes only what the ones before have not: the
 * other files are shared by hard links, and have the same {@link SnapshotFile#identity()}.
 *
 * <p>Thread-safe. Of {@link Engine#TABLE}, the store keeps what is overwritten after the last snapshot of the series until the
 * next is written, or the series closed. The directories may be removed in any order; the series keeps links of its own.
 *
 * <p>A series must be closed. One that is forgotten is freed when the garbage collector finds it (and reported, with {@code
 * -Dkeybed.leak.tracking=true}).
 */
public final class SnapshotSeries implements AutoCloseable {
    private final Store store;
    private final NativeHandle handle;

    SnapshotSeries(Store store, long nativeSeries) {
        this.store = store;
        this.handle = new NativeHandle(
                "the snapshot series", nativeSeries, (series, unreachable) -> NativeSnapshotSeries.close(series));
        handle.watch(this);
    }

    /**
     * Fixes the moment of a snapshot. With {@link Engine#ROCKS} this writes what is in memory only to files; else it takes
     * microseconds.
     *
     * @param directory the new directory that the snapshot will be in
     * @return the snapshot; finish it, on any thread, and close it
     * @throws KeybedException SNAPSHOT_EXISTS, LOCKED, IO, STORAGE_FULL, ENGINE
     * @throws KeybedStateException CLOSED
     */
    public PreparedSnapshot prepare(Path directory) {
        long prepared = NativeSnapshotSeries.prepare(handle.value(), StorePath.bytes(directory));
        Reference.reachabilityFence(this);
        return new PreparedSnapshot(this, prepared);
    }

    /**
     * {@link #prepare} and {@link PreparedSnapshot#finish}.
     *
     * @param directory the new directory that the snapshot will be in
     * @return what it has
     * @throws KeybedException SNAPSHOT_EXISTS, LOCKED, IO, STORAGE_FULL, ENGINE
     * @throws KeybedStateException CLOSED
     */
    public SnapshotFiles write(Path directory) {
        try (PreparedSnapshot prepared = prepare(directory)) {
            return prepared.finish();
        }
    }

    /**
     * The store it is of.
     *
     * @return the store
     */
    public Store store() {
        return store;
    }

    /** Closes the series; does nothing if that has been done. Snapshots that were prepared can still be finished. */
    @Override
    public void close() {
        handle.close();
        Reference.reachabilityFence(this);
    }

    /**
     * Whether {@link #close()} has been called.
     *
     * @return true once it has
     */
    public boolean isClosed() {
        return handle.isClosed();
    }
}
