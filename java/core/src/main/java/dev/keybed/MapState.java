package dev.keybed;

/** A state that keeps a map for each key and namespace: map keys to values, ordered by the bytes of the map keys. */
public final class MapState extends State {
    private final Session session;
    private final CurrentKey key;

    /** Made at first use. */
    private EntryCursor cursor;

    /** What {@link #read} fills. Made at first use. */
    private SharedBuffer readBuffer;

    private final Block read;

    MapState(Session session, int id, String name) {
        super(session, id, name, StateKind.MAP);
        this.session = session;
        this.key = session.currentKey();
        this.read = new Block(session);
    }

    /**
     * Starts a scan of the current key and namespace with this state's own cursor, which a later call starts again: for
     * scans inside scans of the same state use {@link #newCursor()}.
     *
     * <pre>{@code
     * try (EntryCursor entries = map.scan()) {
     *     while (entries.next()) {
     *         use(entries.key(), entries.value());
     *     }
     * }
     * }</pre>
     *
     * @return the cursor, before the first entry. Closing it lets go of what the scan holds in the engine; it can be
     *     omitted after a scan that ran to its end
     */
    public EntryCursor scan() {
        if (cursor == null) {
            cursor = new EntryCursor(this, Scope.NAMESPACE, true);
        }
        return cursor.seek();
    }

    /**
     * A cursor over the entries of one map, to be started with {@link EntryCursor#seek()}.
     *
     * @return the cursor; close it
     * @throws KeybedStateException TOO_MANY_HANDLES if all block buffers of the session are in use
     */
    public EntryCursor newCursor() {
        return newCursor(Scope.NAMESPACE);
    }

    /**
     * Whether the current key and namespace have no entry.
     *
     * @return true if there is none
     */
    public boolean isEmpty() {
        int keyLength = session.begin(this);
        return session.end(NativeSession.isEmpty(
                        session.nativeHandle(), id(), key.group(), keyLength, key.namespaceLength()))
                > 0;
    }

    /**
     * Adds to the value of the current key and map key, in one call instead of a get and a put. The value is eight bytes,
     * as {@link DirectOutput#writeLong} writes them; an absent one counts as 0. Like a get it ends what was begun with
     * {@link Session#value()} and the view of the last value.
     *
     * @param delta what to add; the sum wraps around as {@code +} does
     * @return the new value
     * @throws KeybedArgumentException INVALID_ARGUMENT if the value that is there has another length
     */
    public long addLong(long delta) {
        return add(delta);
    }

    /**
     * Reads entries of the current map from the current map key on (from the first, if that is empty), in the order of the bytes
     * of their map keys. Unlike a scan it holds nothing in the engine afterwards: for who reads some at the start of a map,
     * changes it, and reads again. The state takes one of the session's block buffers for it, and keeps it.
     *
     * @param most how many entries at most, positive
     * @return the entries, with their map keys as keys; {@link Block#hasMore()} says whether more follow. The same object each time,
     *     valid until the next call
     * @throws KeybedStateException TOO_MANY_HANDLES if all block buffers of the session were in use at the first call
     */
    public Block read(int most) {
        session.checkOwner();
        if (most <= 0) {
            throw Errors.of(ErrorCode.INVALID_ARGUMENT, "one entry or more are read, not " + most);
        }
        read.clear();
        if (readBuffer == null) {
            readBuffer = session.blocks().take();
        }
        readOnce(most);
        while (read.count() == 0 && read.more()) {
            readBuffer.grow(read.neededCapacity(), 0, Integer.MAX_VALUE);
            readOnce(most);
        }
        return read;
    }

    private void readOnce(int most) {
        int keyLength = session.begin(this);
        session.end(NativeSession.readMap(
                session.nativeHandle(),
                readBuffer.index(),
                id(),
                key.group(),
                keyLength,
                key.namespaceLength(),
                key.mapKeyLength(),
                most));
        read.read(readBuffer, Block.SCAN);
    }

    /**
     * What puts many entries into a map at a time; to be used again and again.
     *
     * @return an object of its own for each call
     */
    public MapEntries newEntries() {
        return new MapEntries(this);
    }

    /** Puts the entries that are in the value buffer, packed. */
    void putAll(int count) {
        int keyLength = session.begin(this);
        session.end(NativeSession.putAll(
                session.nativeHandle(),
                id(),
                key.group(),
                keyLength,
                key.namespaceLength(),
                session.currentValue().argument(),
                count));
    }

    /** Removes every entry of the current key and namespace: all or none. */
    public void clear() {
        clear(Scope.NAMESPACE);
    }
}
