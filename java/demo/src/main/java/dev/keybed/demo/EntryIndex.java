package dev.keybed.demo;

import dev.keybed.DirectInput;
import dev.keybed.EntryCursor;
import dev.keybed.KeyGroupRange;
import dev.keybed.KeyGroups;
import dev.keybed.MapState;
import dev.keybed.MultiGet;
import dev.keybed.PartSize;
import dev.keybed.Scope;
import dev.keybed.Session;
import dev.keybed.Snapshot;
import dev.keybed.Store;
import dev.keybed.StoreOptions;
import dev.keybed.StoreOptionsBuilder;
import java.nio.file.Path;
import java.util.List;

/**
 * The tree as keyed state: one map state, with a map for each directory.
 *
 * <pre>
 *   key      inode of the directory, 8 bytes
 *   map key  name of the entry, its raw bytes
 *   value    {@link FileRecord}, as {@link FileRecordCodec} writes it
 * </pre>
 *
 * A path is resolved the way a kernel does it: one get for each name, and the inode found is the key of the next.
 * Listing a directory is a scan of its map, in the order of the names' bytes.
 */
final class EntryIndex implements AutoCloseable {
    static final int KEY_GROUPS = 128;

    private final Store store;
    private final Session session;
    private final MapState entries;

    private EntryIndex(Store store) {
        this.store = store;
        try {
            session = store.newSession();
            entries = session.mapState("entries");
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** A new store. Refuses a directory that holds one: what is left of another tree would pass for this one's. */
    static EntryIndex create(Path directory, String engine) {
        return new EntryIndex(Store.open(directory, options(engine).errorIfExists(true).build()));
    }

    static EntryIndex reopen(Path directory, String engine) {
        return new EntryIndex(Store.open(directory, options(engine).createIfMissing(false).build()));
    }

    /** A new store with what snapshots hold of some key groups. */
    static EntryIndex restore(Path directory, String engine, KeyGroupRange keyGroups, List<Path> snapshots) {
        StoreOptions options = options(engine).keyGroups(keyGroups).build();
        return new EntryIndex(Store.restore(directory, options, snapshots));
    }

    private static StoreOptionsBuilder options(String engine) {
        // The engine by its name: the library knows which ones it was built with, and says so.
        return StoreOptions.builder()
                .option("engine", engine)
                .maxParallelism(KEY_GROUPS)
                .keySize(PartSize.fixed(Long.BYTES));
    }

    /** The key group of a directory. A function of the key alone, so that whoever has the key knows where to look. */
    static int groupOf(long parent) {
        return KeyGroups.of(Long.hashCode(parent), KEY_GROUPS);
    }

    /** Makes a directory the current key. */
    void select(long parent) {
        session.setKey(groupOf(parent), parent);
    }

    /** Makes an entry of a directory the current key and map key. */
    void select(long parent, byte[] name) {
        session.setKey(groupOf(parent), parent);
        session.setMapKey(name);
    }

    /** The stored bytes of an entry, or null; valid until the next operation. Allocates nothing. */
    DirectInput get(long parent, byte[] name) {
        select(parent, name);
        return entries.get();
    }

    /** The record of an entry, or null. */
    FileRecord find(long parent, byte[] name) {
        DirectInput bytes = get(parent, name);
        return bytes == null ? null : FileRecordCodec.read(bytes);
    }

    /** Sets the record of an entry. */
    void put(long parent, byte[] name, FileRecord record) {
        select(parent, name);
        FileRecordCodec.write(record, session.value());
        entries.put();
    }

    /** Removes an entry. */
    void remove(long parent, byte[] name) {
        select(parent, name);
        entries.delete();
    }

    /** All entries as they are now, for another thread to read. */
    Snapshot snapshot() {
        return store.snapshot();
    }

    /** Starts a scan of a directory's entries; always the same cursor. Allocates nothing after the first time. */
    EntryCursor list(long parent) {
        select(parent);
        return entries.scan();
    }

    /** Starts a scan of all directories of a key group. Keys are the directory's inode, then the name. */
    EntryCursor listGroup(int group) {
        // Of the current key only the group matters to this scope.
        session.setKey(group, 0L);
        return entries.newCursor(Scope.KEY_GROUP).seek();
    }

    /** Writes that take effect together. */
    EntryWriter newWriter() {
        return new EntryWriter(this, session.newWriteBatch());
    }

    /** Reads of many entries in one call. */
    MultiGet newMultiGet() {
        return entries.newMultiGet();
    }

    Session session() {
        return session;
    }

    MapState entries() {
        return entries;
    }

    /** Closes the store; the session goes with it. */
    @Override
    public void close() {
        store.close();
    }
}
