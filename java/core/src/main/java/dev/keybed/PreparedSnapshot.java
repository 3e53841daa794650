package dev.keybed;

import java.lang.ref.Reference;

/**
 * A snapshot of a {@link SnapshotSeries} whose moment has come, and which is still to be written. Closed unfinished, it has never
 * been. Thread-safe.
 */
public final class PreparedSnapshot implements AutoCloseable {
    private final SnapshotSeries series;
    private final NativeHandle handle;

    PreparedSnapshot(SnapshotSeries series, long nativePrepared) {
        this.series = series;
        this.handle = new NativeHandle(
                "the prepared snapshot",
                nativePrepared,
                (prepared, unreachable) -> NativePreparedSnapshot.close(prepared));
        handle.watch(this);
    }

    /**
     * Writes what is to be written, and gives the directory its name. Runs on the calling thread; sessions go on meanwhile. Can be
     * called once.
     *
     * @return what the directory has
     * @throws KeybedException IO, STORAGE_FULL, CORRUPTION, ENGINE; there is no directory then, and the series is as it was
     * @throws KeybedStateException CLOSED, also if it has been called before
     */
    public SnapshotFiles finish() {
        String[] files = NativePreparedSnapshot.finish(handle.value());
        Reference.reachabilityFence(this);
        return SnapshotFiles.of(files);
    }

    /**
     * The series it belongs to.
     *
     * @return the series
     */
    public SnapshotSeries series() {
        return series;
    }

    /** Closes it; does nothing if that has been done. A {@link #finish()} that runs goes on. */
    @Override
    public void close() {
        handle.close();
        Reference.reachabilityFence(this);
    }
}
