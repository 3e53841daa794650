package dev.keybed.bench;

import dev.keybed.Compression;
import dev.keybed.Engine;
import dev.keybed.KeyEncoding;
import dev.keybed.PartSize;
import dev.keybed.Session;
import dev.keybed.Store;
import dev.keybed.StoreOptions;
import java.nio.file.Path;

/** Our store, in a directory of its own, with one session. */
final class KeybedSide implements AutoCloseable {
    /** The state of every benchmark. */
    static final String STATE = "bench";

    static final PartSize NAMESPACE = PartSize.fixed(Keys.NAMESPACE_BYTES);

    final Session session;
    private final Path directory = TemporaryDirectory.create();
    private final Store store;

    KeybedSide(Settings settings) {
        store = Store.open(directory, options(settings));
        session = store.newSession();
    }

    private static StoreOptions options(Settings settings) {
        return StoreOptions.builder()
                .engine(Engine.ROCKS)
                .keyEncoding(KeyEncoding.FLINK)
                .maxParallelism(Keys.MAX_PARALLELISM)
                .keySize(PartSize.fixed(Keys.KEY_BYTES))
                .writeBufferBytes(settings.writeBufferBytes())
                .blockCacheBytes(settings.blockCacheBytes())
                .writeAheadLog(false)
                .bloomBitsPerKey(10)
                .memtableBloomRatio(0)
                .compression(Compression.NONE)
                .maxBackgroundJobs(2)
                // Compaction would take the processor from whichever side is measured while it happens to run.
                .rocksOptions("disable_auto_compactions=true")
                .build();
    }

    /** Makes a key the session's current one, with its namespace. */
    void setKey(long key) {
        session.setKey(Keys.group(key), key);
        session.namespace().writeByte(Keys.NAMESPACE);
    }

    void flush() {
        store.flush();
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        session.close();
        store.close();
        TemporaryDirectory.delete(directory);
    }
}
