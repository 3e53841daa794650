package dev.keybed.demo;

import dev.keybed.DirectOutput;
import dev.keybed.Session;
import dev.keybed.WriteBatch;

/** Puts records into the index, many in one write. */
final class EntryWriter implements EntrySink, AutoCloseable {
    /** Enough that the cost of a commit is shared by many, little enough to stay in the processor's cache. */
    static final int BATCH_SIZE = 1000;

    private static final long JUNK = 0xDEADBEEFDEADBEEFL;

    private final EntryIndex index;
    private final Session session;
    private final WriteBatch batch;

    EntryWriter(EntryIndex index, WriteBatch batch) {
        this.index = index;
        this.session = index.session();
        this.batch = batch;
    }

    /** Adds a record; commits when a batch is full. */
    @Override
    public void add(long parent, byte[] name, FileRecord record) {
        index.select(parent, name);
        FileRecordCodec.write(record, session.value());
        batch.put(index.entries());
        if (batch.size() >= BATCH_SIZE) {
            commit();
        }
    }

    /**
     * Fills the buffers that the last record travelled through with something else. The batch must have its own copy of
     * all it was given.
     */
    void scribble() {
        session.key(0).writeLong(JUNK);
        fill(session.mapKey());
        fill(session.value());
    }

    private static void fill(DirectOutput buffer) {
        for (int i = 0; i < 128; i++) {
            buffer.writeLong(JUNK);
        }
    }

    @Override
    public void commit() {
        batch.commit();
    }

    @Override
    public void close() {
        batch.close();
    }
}
