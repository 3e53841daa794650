package dev.keybed;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * A directory of keyed state. Threads work on it through sessions, one each.
 *
 * <pre>{@code
 * try (Store store = Store.open(directory);
 *         Session session = store.newSession()) {
 *     ValueState counts = session.valueState("counts");
 *     session.setKey(KeyGroups.of(key.hashCode(), 128), key.getBytes(UTF_8));
 *     DirectInput found = counts.get();
 *     long count = found == null ? 0 : found.readLong();
 *     session.value().writeLong(count + 1);
 *     counts.put();
 * }
 * }</pre>
 *
 * <p>Thread-safe. One store at a time can have a directory open, in this process or any other.
 *
 * <p>A store must be closed. One that is forgotten is freed when the garbage collector finds it (and reported, with
 * {@code -Dkeybed.leak.tracking=true}).
 */
public final class Store implements AutoCloseable {
    private final Path path;
    private final StoreOptions options;
    private final NativeHandle handle;

    /** Sessions that may be open. Weak, so that one that is forgotten can be found by the Cleaner. */
    private final Set<Session> sessions = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private Store(Path path, StoreOptions options, NativeHandle handle) {
        this.path = path;
        this.options = options;
        this.handle = handle;
    }

    /**
     * Opens the store in a directory, or makes one there, with the default options.
     *
     * @param directory the directory; it need not exist
     * @return the store
     * @throws KeybedException as {@link #open(Path, StoreOptions)}
     */
    public static Store open(Path directory) {
        return open(directory, StoreOptions.defaults());
    }

    /**
     * Opens the store in a directory, or makes one there.
     *
     * @param directory the directory; it need not exist
     * @param options the options
     * @return the store
     * @throws KeybedArgumentException INVALID_OPTION
     * @throws KeybedException LIBRARY_LOAD, LOCKED (open elsewhere), NOT_A_DIRECTORY, FOREIGN_FORMAT (the directory holds
     *     something else), NEWER_FORMAT, OPTIONS_MISMATCH, ENGINE_UNAVAILABLE, CORRUPTION, IO, STORAGE_FULL,
     *     MEMORY_BUDGET, OUT_OF_MEMORY
     */
    public static Store open(Path directory, StoreOptions options) {
        NativeLibrary.ensureLoaded();
        long nativeStore = NativeStore.open(StorePath.bytes(directory), options.toPairs());
        return of(directory, options, nativeStore);
    }

    /**
     * Makes a store in a directory, a new or empty one, with what snapshots hold of the key groups that the options name
     * ({@link StoreOptionsBuilder#keyGroups}); each of these must be in exactly one of the snapshots. Only what is needed is read.
     * Nothing is left when it fails.
     *
     * <p>A snapshot is a file ({@link Snapshot#writeTo}, {@link Snapshot#stream}) or a directory ({@link SnapshotSeries}). One of
     * {@link Engine#TABLE} may be restored into {@link Engine#ROCKS}, and a file of ROCKS into TABLE. With ROCKS the store is on
     * disk afterwards; a table is in memory, and on disk after the next {@link #flush()} or {@link #close()}.
     *
     * @param directory the directory; it need not exist
     * @param options the options; with the key encoding, key size and maximum parallelism of the snapshots
     * @param snapshots the files and directories
     * @return the store
     * @throws KeybedArgumentException INVALID_OPTION, INVALID_ARGUMENT without snapshots
     * @throws KeybedException SNAPSHOT_MISMATCH, STORE_EXISTS, FOREIGN_FORMAT, NEWER_FORMAT, CORRUPTION, and those of {@link
     *     #open(Path, StoreOptions)}
     */
    public static Store restore(Path directory, StoreOptions options, List<Path> snapshots) {
        NativeLibrary.ensureLoaded();
        byte[][] paths = snapshots.stream().map(StorePath::bytes).toArray(byte[][]::new);
        return of(directory, options, NativeStore.restore(StorePath.bytes(directory), options.toPairs(), paths));
    }

    private static Store of(Path directory, StoreOptions options, long nativeStore) {
        NativeHandle handle =
                new NativeHandle("the store", nativeStore, (store, unreachable) -> NativeStore.close(store));
        Store store = new Store(directory, options, handle);
        handle.watch(store);
        return store;
    }

    /**
     * A new session, owned by the calling thread.
     *
     * @return the session; close it
     * @throws KeybedStateException CLOSED, TOO_MANY_HANDLES, or WRONG_THREAD if the caller is a virtual thread
     */
    public Session newSession() {
        VirtualThreads.refuse();
        long nativeSession = NativeStore.session(nativeHandle());
        Reference.reachabilityFence(this);
        Session session = Session.of(this, nativeSession, options.maxKeyBytes(), options.maxValueBytes());
        sessions.add(session);
        return session;
    }

    /**
     * A snapshot of all states: what they hold now. Takes microseconds, on any thread; a thread that is in the middle of a
     * sequence of writes takes it between two of them.
     *
     * @return the snapshot; close it
     * @throws KeybedStateException CLOSED, POISONED
     * @throws KeybedException MEMORY_BUDGET, OUT_OF_MEMORY, ENGINE
     */
    public Snapshot snapshot() {
        long snapshot = NativeStore.snapshot(nativeHandle());
        Reference.reachabilityFence(this);
        return Snapshot.of(this, snapshot);
    }

    /**
     * A series of snapshots, each of which writes only what the ones before have not.
     *
     * @param options how to write; {@code compression}, {@code block-bytes} and {@code max-chain} count
     * @return the series; close it
     * @throws KeybedStateException CLOSED, POISONED
     * @throws KeybedArgumentException INVALID_OPTION
     */
    public SnapshotSeries snapshotSeries(SnapshotOptions options) {
        long series = NativeStore.snapshotSeries(nativeHandle(), options.toPairs());
        Reference.reachabilityFence(this);
        return new SnapshotSeries(this, series);
    }

    /**
     * Writes everything that is in memory only to the disk.
     *
     * @throws KeybedException IO, STORAGE_FULL, ENGINE
     */
    public void flush() {
        NativeStore.flush(nativeHandle());
        Reference.reachabilityFence(this);
    }

    /**
     * Figures about the store and its engine, for people.
     *
     * @return names and values; unmodifiable
     */
    public Map<String, String> statistics() {
        String[] pairs = NativeStore.statistics(nativeHandle());
        Reference.reachabilityFence(this);
        Map<String, String> statistics = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            statistics.put(pairs[i], pairs[i + 1]);
        }
        return Collections.unmodifiableMap(statistics);
    }

    /**
     * The states this store holds, in the order they were made.
     *
     * @return the states; unmodifiable
     */
    public List<StateInfo> states() {
        String[] words = NativeStore.states(nativeHandle());
        Reference.reachabilityFence(this);
        return new Words(words).remainingStates();
    }

    /**
     * The directory, as it was given.
     *
     * @return the directory
     */
    public Path path() {
        return path;
    }

    /**
     * Flushes (unless told otherwise by {@code table.flush-on-close}) and closes the store; does nothing if that has been
     * done. First closes the sessions that the calling thread owns, and those that nobody owns. A session of another thread
     * throws {@link KeybedStateException} (CLOSED) at its next use; the directory is free when the last of them has been
     * closed.
     *
     * @throws KeybedException IO, STORAGE_FULL, ENGINE if the last flush failed; the store is closed all the same
     */
    @Override
    public void close() {
        if (handle.isClosed()) {
            return;
        }
        try {
            for (Session session : new ArrayList<>(sessions)) {
                if (session.isCloseableHere()) {
                    closeUnlessTaken(session);
                }
            }
        } finally {
            handle.close();
            Reference.reachabilityFence(this);
        }
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
        return "Store " + path + (isClosed() ? " (closed)" : "");
    }

    /** A session that has closed itself. */
    void forget(Session session) {
        sessions.remove(session);
    }

    long nativeHandle() {
        return handle.value();
    }

    /** A released session can be acquired by its next owner at any moment; then it is that thread's to close. */
    private static void closeUnlessTaken(Session session) {
        try {
            session.close();
        } catch (KeybedStateException e) {
            if (e.errorCode() != ErrorCode.WRONG_THREAD) {
                throw e;
            }
        }
    }
}
