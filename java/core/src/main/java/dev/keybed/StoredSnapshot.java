package dev.keybed;

import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * A snapshot in a file, to be looked into without a store. Blocks are read, and checked, when they are asked for: what is
 * damaged is CORRUPTION with file and position.
 *
 * <p>Thread-safe; cursors are for one thread at a time. Must be closed; its cursors go on then. One that is forgotten is freed
 * when the garbage collector finds it.
 */
public final class StoredSnapshot implements AutoCloseable {
    private final Path path;
    private final NativeHandle handle;
    private final SnapshotInfo info;

    private StoredSnapshot(Path path, NativeHandle handle) {
        this.path = path;
        this.handle = handle;
        this.info = SnapshotInfo.read(new Words(NativeStoredSnapshot.describe(handle.value())));
    }

    static StoredSnapshot open(Path path) {
        NativeLibrary.ensureLoaded();
        long stored = NativeStoredSnapshot.open(StorePath.bytes(path));
        NativeHandle handle = new NativeHandle(
                "the stored snapshot", stored, (value, unreachable) -> NativeStoredSnapshot.close(value));
        try {
            StoredSnapshot snapshot = new StoredSnapshot(path, handle);
            handle.watch(snapshot);
            return snapshot;
        } catch (RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    /**
     * What it is of.
     *
     * @return id, engine, key groups, states and counts
     */
    public SnapshotInfo info() {
        return info;
    }

    /**
     * The file, as it was given.
     *
     * @return the path
     */
    public Path path() {
        return path;
    }

    /**
     * How many entries a state has. Reads a part of the index, no entries.
     *
     * @param state the state's name
     * @return the number of entries; of changes, the deleted ones count
     * @throws KeybedStateException STATE_NOT_FOUND, CLOSED
     * @throws KeybedException CORRUPTION, IO
     */
    public long count(String state) {
        long count = NativeStoredSnapshot.count(handle.value(), state);
        Reference.reachabilityFence(this);
        return count;
    }

    /**
     * A cursor over all entries of a state.
     *
     * @param state the state's name
     * @return the cursor, before the first entry; close it
     * @throws KeybedStateException STATE_NOT_FOUND, CLOSED
     */
    public StoredCursor cursor(String state) {
        return cursor(state, info.keyGroups());
    }

    /**
     * A cursor over the entries that a state has in some key groups. Reads nothing else.
     *
     * @param state the state's name
     * @param keyGroups the key groups; those that the snapshot does not hold have no entries
     * @return the cursor, before the first entry; close it
     * @throws KeybedStateException STATE_NOT_FOUND, CLOSED
     */
    public StoredCursor cursor(String state, KeyGroupRange keyGroups) {
        long blocks = NativeStoredSnapshot.scan(handle.value(), state, keyGroups.first(), keyGroups.last());
        Reference.reachabilityFence(this);
        return new StoredCursor(this, blocks);
    }

    /**
     * The value of a key of a state without namespaces. Looks through the blocks that have its key group.
     *
     * @param state the state's name
     * @param keyGroup the key group
     * @param key the key
     * @return the value, or null if there is none
     * @throws KeybedStateException STATE_NOT_FOUND, CLOSED
     * @throws KeybedArgumentException KEY_GROUP_OUT_OF_RANGE, EMPTY_KEY, KEY_PART_LENGTH
     * @throws KeybedException SNAPSHOT_MISMATCH if the file has only what changed, CORRUPTION, IO
     */
    public byte[] get(String state, int keyGroup, byte[] key) {
        return get(state, keyGroup, key, null, null);
    }

    /**
     * The value of a key. Looks through the blocks that have its key group.
     *
     * @param state the state's name
     * @param keyGroup the key group
     * @param key the key
     * @param namespace the namespace; null for none
     * @param mapKey the map key; null for none
     * @return the value, or null if there is none
     * @throws KeybedStateException STATE_NOT_FOUND, WRONG_STATE_KIND for a map key in a state that is no map, CLOSED
     * @throws KeybedArgumentException KEY_GROUP_OUT_OF_RANGE, EMPTY_KEY, KEY_PART_LENGTH
     * @throws KeybedException SNAPSHOT_MISMATCH if the file has only what changed, CORRUPTION, IO
     */
    public byte[] get(String state, int keyGroup, byte[] key, byte[] namespace, byte[] mapKey) {
        byte[] value = NativeStoredSnapshot.get(handle.value(), state, keyGroup, key, namespace, mapKey);
        Reference.reachabilityFence(this);
        return value;
    }

    /** Closes the file; does nothing if that has been done. */
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
        return "Snapshot " + path + (isClosed() ? " (closed)" : "");
    }
}
