package dev.keybed;

import java.nio.ByteBuffer;

/**
 * Keyed state of one name, as one session sees it. Every operation acts on the session's current key: key group, key,
 * namespace and, for a {@link MapState}, map key.
 *
 * <p>Operations throw {@link KeybedStateException} (NO_KEY without a current key; CLOSED, WRONG_THREAD, POISONED), {@link
 * KeybedArgumentException} (EMPTY_KEY, KEY_TOO_LARGE, VALUE_TOO_LARGE, KEY_PART_LENGTH, KEY_GROUP_OUT_OF_RANGE) and
 * {@link KeybedException} (IO, STORAGE_FULL, CORRUPTION, ENGINE, MEMORY_BUDGET, OUT_OF_MEMORY). One that throws has changed nothing.
 *
 * <p>Confined to the thread that owns the session. None of the operations allocates, except where it says so.
 */
public abstract sealed class State permits ValueState, ListState, MapState {
    private final Session session;
    private final int id;
    private final String name;
    private final StateKind kind;
    private final CurrentKey key;
    private final CurrentValue value;
    private final DirectInput view = new DirectInput();
    private final boolean hasMapKey;

    State(Session session, int id, String name, StateKind kind) {
        this.session = session;
        this.id = id;
        this.name = name;
        this.kind = kind;
        this.key = session.currentKey();
        this.value = session.currentValue();
        this.hasMapKey = kind == StateKind.MAP;
    }

    /**
     * The name of this state in its store.
     *
     * @return the name
     */
    public final String name() {
        return name;
    }

    /**
     * What this state keeps for each key.
     *
     * @return the kind
     */
    public final StateKind kind() {
        return kind;
    }

    /**
     * The session this state was opened in.
     *
     * @return the session
     */
    public final Session session() {
        return session;
    }

    // Reading.

    /**
     * Reads the value into the session's own buffer and shows it. Copies once, allocates nothing.
     *
     * @return a view of the value, or null if there is none. Each state has one view and returns it each time; it is
     *     valid until the session next gets, puts bytes, or begins a {@link Session#value()}
     */
    public final DirectInput get() {
        int length = fetch();
        return length < 0 ? null : value.show(view, length);
    }

    /**
     * Reads the value into a buffer of the caller: direct or not, of any byte order. It goes to the target's position,
     * and the target's limit is set to its end, so that it can be read at once.
     *
     * @param target where the value goes, from position to limit at most
     * @return the length of the value in bytes, or -1 if there is none (the target is untouched)
     * @throws KeybedArgumentException BUFFER_TOO_SMALL with the length needed in its message, or READ_ONLY_BUFFER;
     *     nothing is written
     */
    public final int get(ByteBuffer target) {
        Session.requireWritable(target);
        int length = fetch();
        if (length >= 0) {
            value.copyTo(target, length);
        }
        return length;
    }

    /**
     * Reads the value into a new array. Allocates.
     *
     * @return the value, or null if there is none
     */
    public final byte[] getBytes() {
        int length = fetch();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        value.copyTo(bytes);
        return bytes;
    }

    /**
     * Whether there is a value.
     *
     * @return true if there is one
     */
    public final boolean contains() {
        int keyLength = session.begin(this);
        return session.end(NativeSession.contains(
                        session.nativeHandle(), id, key.group(), keyLength, key.namespaceLength(), mapKeyLength()))
                > 0;
    }

    // Writing.

    /**
     * Sets the value to what was written to {@link Session#value()}.
     *
     * @throws KeybedStateException CURSOR_INVALID if no value was written since the last get
     */
    public final void put() {
        int keyLength = session.begin(this);
        session.end(NativeSession.put(
                session.nativeHandle(),
                id,
                key.group(),
                keyLength,
                key.namespaceLength(),
                mapKeyLength(),
                value.argument()));
    }

    /**
     * Sets the value to the bytes from position to limit, and advances the position.
     *
     * @param bytes the value; direct or not, of any byte order
     */
    public final void put(ByteBuffer bytes) {
        session.checkOwner();
        value.set(bytes);
        put();
        bytes.position(bytes.limit());
    }

    /**
     * Sets the value.
     *
     * @param bytes the value
     */
    public final void put(byte[] bytes) {
        session.checkOwner();
        value.set(bytes);
        put();
    }

    /** Removes the value, if there is one. */
    public final void delete() {
        int keyLength = session.begin(this);
        session.end(NativeSession.delete(
                session.nativeHandle(), id, key.group(), keyLength, key.namespaceLength(), mapKeyLength()));
    }

    // Many entries.

    /**
     * Removes every entry of this state in the scope: all or none.
     *
     * @param scope how much of the session's current key the entries share
     */
    public final void clear(Scope scope) {
        int keyLength = session.begin(this);
        int result = NativeSession.clear(
                session.nativeHandle(), id, key.group(), keyLength, namespaceLength(scope), scope.code());
        endScoped(scope, result);
    }

    /**
     * A cursor over the entries of this state, to be started with {@link EntryCursor#seek()}. Any number can be open at
     * a time, each with a block buffer of its own.
     *
     * @param scope how much of the session's current key the entries share
     * @return the cursor; close it
     * @throws KeybedStateException TOO_MANY_HANDLES if all block buffers of the session are in use
     */
    public final EntryCursor newCursor(Scope scope) {
        return new EntryCursor(this, scope, false);
    }

    /**
     * A walk over all entries of this state in bounded steps, in no particular order, for work that is done a little at a
     * time beside other work.
     *
     * @return the walk, before its first step; close it
     * @throws KeybedStateException TOO_MANY_HANDLES if the session has 256 walks
     */
    public final EntryWalk newWalk() {
        return new EntryWalk(this);
    }

    /**
     * A reader of many values in one call.
     *
     * @return the reader; close it
     * @throws KeybedStateException TOO_MANY_HANDLES if all block buffers of the session are in use
     */
    public final MultiGet newMultiGet() {
        return new MultiGet(this);
    }

    @Override
    public String toString() {
        return kind + " state '" + name + "'";
    }

    // For the operations of subclasses, cursors and multi-gets.

    int id() {
        return id;
    }

    /** Adds to a value that is a number, in one native call that leaves the new one in the value buffer; returns it. */
    long add(long delta) {
        int keyLength = session.begin(this);
        value.clear();
        session.end(NativeSession.addLong(
                session.nativeHandle(), id, key.group(), keyLength, key.namespaceLength(), mapKeyLength(), delta));
        return value.number();
    }

    /** The length of the session's map key as far as it concerns this state. */
    int mapKeyLength() {
        return hasMapKey ? key.mapKeyLength() : 0;
    }

    /** The length of the session's namespace as far as it concerns a scope. */
    int namespaceLength(Scope scope) {
        return scope == Scope.NAMESPACE ? key.namespaceLength() : 0;
    }

    /** Ends a native that got the current key for a scope: for a whole group native code need not look at the key. */
    int endScoped(Scope scope, int result) {
        return scope == Scope.KEY_GROUP ? session.endWithoutKey(result) : session.end(result);
    }

    /** Reads the value into the value buffer, whatever its size; returns its length or -1. */
    private int fetch() {
        int length = fetchOnce();
        while (length > value.capacity()) {
            // Nothing was copied. Another session may make it grow again meanwhile, so this is a loop.
            value.growForReading(length);
            length = fetchOnce();
        }
        return length;
    }

    private int fetchOnce() {
        int keyLength = session.begin(this);
        value.clear();
        return session.end(NativeSession.get(
                session.nativeHandle(), id, key.group(), keyLength, key.namespaceLength(), mapKeyLength()));
    }
}
