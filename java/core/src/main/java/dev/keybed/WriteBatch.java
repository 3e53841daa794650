package dev.keybed;

/**
 * Writes that take effect together or not at all. Each call copies the session's current key and value at once, so the
 * session may go on to the next before anything is written. A batch that is not committed changes nothing.
 *
 * <p>Confined to the thread that owns the session. Nothing is allocated on the Java heap by adding; the batch grows on
 * the native side, and keeps its memory over {@link #clear()} and {@link #commit()}.
 */
public final class WriteBatch implements AutoCloseable {
    private static final int CLOSED = -1;

    private final Session session;
    private final CurrentKey key;
    private final CurrentValue value;
    private int id;
    private int size;

    WriteBatch(Session session) {
        session.checkOwner();
        this.session = session;
        this.key = session.currentKey();
        this.value = session.currentValue();
        this.id = session.endWithoutKey(NativeSession.batchCreate(session.nativeHandle()));
    }

    /**
     * Adds: set the current key's value to what was written to {@link Session#value()}.
     *
     * @param state a state of this batch's session
     */
    public void put(State state) {
        int batch = id();
        int keyLength = session.begin(state);
        session.end(NativeSession.batchPut(
                session.nativeHandle(),
                batch,
                state.id(),
                key.group(),
                keyLength,
                key.namespaceLength(),
                state.mapKeyLength(),
                value.argument()));
        size++;
    }

    /**
     * Adds: append what was written to {@link Session#value()} to the current key's list.
     *
     * @param state a state of this batch's session
     */
    public void append(ListState state) {
        int batch = id();
        int keyLength = session.begin(state);
        session.end(NativeSession.batchAppend(
                session.nativeHandle(),
                batch,
                state.id(),
                key.group(),
                keyLength,
                key.namespaceLength(),
                0,
                value.argument()));
        size++;
    }

    /**
     * Adds: remove the current key's value.
     *
     * @param state a state of this batch's session
     */
    public void delete(State state) {
        int batch = id();
        int keyLength = session.begin(state);
        session.end(NativeSession.batchDelete(
                session.nativeHandle(),
                batch,
                state.id(),
                key.group(),
                keyLength,
                key.namespaceLength(),
                state.mapKeyLength()));
        size++;
    }

    /**
     * Applies all writes in the order they were added, all or none, and empties the batch.
     *
     * @return how many writes there were
     * @throws KeybedException as a write; nothing was changed and the batch still holds its writes
     */
    public int commit() {
        int count = session.endWithoutKey(NativeSession.batchCommit(session.nativeHandle(), id()));
        size = 0;
        return count;
    }

    /** Forgets all writes. */
    public void clear() {
        session.endWithoutKey(NativeSession.batchClear(session.nativeHandle(), id()));
        size = 0;
    }

    /**
     * How many writes the batch holds.
     *
     * @return the number of writes
     */
    public int size() {
        return size;
    }

    /** Forgets all writes and frees the batch; does nothing if that has been done. */
    @Override
    public void close() {
        if (id == CLOSED) {
            return;
        }
        if (!session.isClosed()) {
            session.checkOwner();
            session.endWithoutKey(NativeSession.batchFree(session.nativeHandle(), id));
        }
        id = CLOSED;
        size = 0;
    }

    /** The batch as natives know it, for its owner. */
    private int id() {
        session.checkOwner();
        if (id == CLOSED) {
            throw Errors.closed("the write batch");
        }
        return id;
    }
}
