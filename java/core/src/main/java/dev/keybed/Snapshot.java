package dev.keybed;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;

/**
 * All states of a store at the moment it was taken.
 *
 * <pre>{@code
 * try (Snapshot snapshot = store.snapshot()) {           // by the thread that writes: microseconds
 *     executor.submit(() -> snapshot.writeTo(file, SnapshotOptions.defaults()));
 * }                                                      // (and close it when that is done)
 * }</pre>
 *
 * <p>Thread-safe: any thread may read it, several at once, while sessions go on writing. It holds no lock that a session needs.
 * It keeps what is overwritten after its moment (in memory, with {@link Engine#ROCKS} in files) until its key groups are
 * released or it is closed.
 *
 * <p>A snapshot must be closed; it stays readable when the store is closed before, and keeps the store's directory until then. One
 * that is forgotten is freed when the garbage collector finds it (and reported, with {@code -Dkeybed.leak.tracking=true}).
 */
public final class Snapshot implements AutoCloseable {
    private final Store store;
    private final NativeHandle handle;
    private final KeyGroupRange keyGroups;
    private final List<StateInfo> states;

    private Snapshot(Store store, NativeHandle handle) {
        this.store = store;
        this.handle = handle;
        Words words = new Words(NativeSnapshot.describe(handle.value()));
        keyGroups = words.keyGroups();
        states = words.remainingStates();
    }

    static Snapshot of(Store store, long nativeSnapshot) {
        NativeHandle handle = new NativeHandle(
                "the snapshot", nativeSnapshot, (snapshot, unreachable) -> NativeSnapshot.close(snapshot));
        try {
            Snapshot snapshot = new Snapshot(store, handle);
            handle.watch(snapshot);
            return snapshot;
        } catch (RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    /**
     * Opens a snapshot that was written to a file. Of its contents only head and index are read and checked now.
     *
     * @param file the file
     * @return the snapshot; close it
     * @throws KeybedException IO, FOREIGN_FORMAT, NEWER_FORMAT, CORRUPTION (the message names file and position)
     */
    public static StoredSnapshot read(Path file) {
        return StoredSnapshot.open(file);
    }

    /**
     * Reads a snapshot in a file from its first byte to its last and checks all of it: checksums, order, counts, and that nothing
     * lies in between.
     *
     * @param file the file
     * @return what it has
     * @throws KeybedException IO, FOREIGN_FORMAT, NEWER_FORMAT, CORRUPTION (the message names file and position)
     */
    public static VerifiedSnapshot verify(Path file) {
        NativeLibrary.ensureLoaded();
        return VerifiedSnapshot.of(NativeStoredSnapshot.verify(StorePath.bytes(file)));
    }

    /**
     * Reads what the directory of a snapshot of a {@link SnapshotSeries} has. Of the files, only whether they are there and how
     * long they are.
     *
     * @param directory the directory
     * @return what it has
     * @throws KeybedException IO, FOREIGN_FORMAT, NEWER_FORMAT, CORRUPTION (the message names the file)
     */
    public static SnapshotFiles readFiles(Path directory) {
        NativeLibrary.ensureLoaded();
        return SnapshotFiles.of(NativeSnapshotFiles.read(StorePath.bytes(directory)));
    }

    /**
     * The same, and reads all files from their first byte to their last and checks their checksums.
     *
     * @param directory the directory
     * @return what it has
     * @throws KeybedException as {@link #readFiles}
     */
    public static SnapshotFiles verifyFiles(Path directory) {
        NativeLibrary.ensureLoaded();
        return SnapshotFiles.of(NativeSnapshotFiles.verify(StorePath.bytes(directory)));
    }

    /**
     * The states there are, in the order they were made.
     *
     * @return the states; unmodifiable
     */
    public List<StateInfo> states() {
        return states;
    }

    /**
     * The key groups that the store may hold.
     *
     * @return the range
     */
    public KeyGroupRange keyGroups() {
        return keyGroups;
    }

    /**
     * The store it is of.
     *
     * @return the store
     */
    public Store store() {
        return store;
    }

    /**
     * How many entries a key group of a state has: known to {@link Engine#TABLE}, counted one by one by {@link Engine#ROCKS}.
     *
     * @param state the state's name
     * @param keyGroup the key group
     * @return the number of entries
     * @throws KeybedStateException STATE_NOT_FOUND; CLOSED, also if the key group has been released
     * @throws KeybedArgumentException KEY_GROUP_OUT_OF_RANGE
     */
    public long count(String state, int keyGroup) {
        long count = NativeSnapshot.count(handle.value(), state, keyGroup);
        Reference.reachabilityFence(this);
        return count;
    }

    /**
     * Lets go of a key group of a state, so that the store need no longer keep it. Releasing it twice is no error.
     *
     * @param state the state's name
     * @param keyGroup the key group
     * @throws KeybedStateException STATE_NOT_FOUND, CLOSED
     * @throws KeybedArgumentException KEY_GROUP_OUT_OF_RANGE
     */
    public void release(String state, int keyGroup) {
        NativeSnapshot.release(handle.value(), state, keyGroup);
        Reference.reachabilityFence(this);
    }

    /**
     * Writes the snapshot to a new file: whole, or not at all. Runs on the calling thread; several may write at once.
     *
     * @param file the file; there must be nothing yet
     * @param options how to write
     * @return what was written
     * @throws KeybedException SNAPSHOT_EXISTS, LOCKED while another snapshot of that name is written, IO, STORAGE_FULL
     * @throws KeybedStateException CLOSED, also if a key group has been released
     * @throws KeybedArgumentException INVALID_OPTION, KEY_GROUP_OUT_OF_RANGE
     */
    public SnapshotSummary writeTo(Path file, SnapshotOptions options) {
        String[] summary = NativeSnapshot.write(handle.value(), StorePath.bytes(file), options.toPairs());
        Reference.reachabilityFence(this);
        return SnapshotSummary.of(summary);
    }

    /**
     * The snapshot as a stream of blocks, for what is no file here.
     *
     * @param options how to write
     * @return the stream; close it
     * @throws KeybedStateException CLOSED
     * @throws KeybedArgumentException INVALID_OPTION, KEY_GROUP_OUT_OF_RANGE
     */
    public SnapshotStream stream(SnapshotOptions options) {
        long blocks = NativeSnapshot.stream(handle.value(), options.toPairs());
        Reference.reachabilityFence(this);
        return new SnapshotStream(this, blocks);
    }

    /** Closes the snapshot; does nothing if that has been done. Its streams, and a writeTo that runs, go on. */
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

    @Override
    public String toString() {
        return "Snapshot of " + store.path() + (isClosed() ? " (closed)" : "");
    }
}
