package dev.keybed.flink;

/**
 * How an incremental checkpoint is written.
 *
 * <pre>
 *  shared files  those files of a snapshot directory (docs/snapshots.md) that other snapshots may have; the handle has their names
 *  meta stream   as the {@link NativeFormat}, without blocks, for all key groups of the task
 *                int count, then all other files of the directory: UTF name, long length, bytes
 * </pre>
 */
final class IncrementalFormat {
    /** The file of a snapshot directory that says what the others are. */
    static final String DIRECTORY_MANIFEST = "SNAPSHOT";

    private IncrementalFormat() {}
}
