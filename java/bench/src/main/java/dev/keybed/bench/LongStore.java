package dev.keybed.bench;

import dev.keybed.Compression;
import dev.keybed.Engine;
import dev.keybed.KeyGroups;
import dev.keybed.MultiGet;
import dev.keybed.PartSize;
import dev.keybed.Session;
import dev.keybed.Store;
import dev.keybed.StoreOptions;
import dev.keybed.ValueState;
import java.nio.file.Path;

/** A store of ours with one value state of numbers, on either engine; nothing of it goes to files while it is measured. */
final class LongStore implements LongMap {
    private static final int KEY_GROUPS = 128;
    private static final long ALL_IN_MEMORY = 1L << 30;

    private final Path directory = TemporaryDirectory.create();
    private final Store store;
    private final Session session;
    private final ValueState state;

    LongStore(Engine engine) {
        StoreOptions options = StoreOptions.builder()
                .engine(engine)
                .maxParallelism(KEY_GROUPS)
                .keySize(PartSize.fixed(Long.BYTES))
                .tableFlushOnClose(false)
                .writeBufferBytes(ALL_IN_MEMORY)
                .memtableBloomRatio(0)
                .compression(Compression.NONE)
                .build();
        store = Store.open(directory, options);
        session = store.newSession();
        state = session.valueState("numbers");
    }

    /** Makes a key current. The group is computed for each operation, as a backend does for each record. */
    void setKey(long key) {
        session.setKey(KeyGroups.of(Long.hashCode(key), KEY_GROUPS), key);
    }

    @Override
    public long get(long key) {
        setKey(key);
        return state.get().readLong();
    }

    @Override
    public void put(long key, long number) {
        setKey(key);
        session.value().writeLong(number);
        state.put();
    }

    @Override
    public long add(long key, long delta) {
        setKey(key);
        return state.addLong(delta);
    }

    MultiGet newMultiGet() {
        return state.newMultiGet();
    }

    /** Moves what was written to a file; on ROCKS old versions fill the memory else. */
    void flush() {
        store.flush();
    }

    @Override
    public void close() {
        session.close();
        store.close();
        TemporaryDirectory.delete(directory);
    }
}
