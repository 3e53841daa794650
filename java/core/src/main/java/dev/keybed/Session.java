package dev.keybed;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * One thread's way into a store: a current key, a current value, and the states opened here.
 *
 * <p>Set the parts of the current key, then call operations on any number of states; the key is encoded once for all of
 * them. Setting a part clears the parts behind it: a key clears namespace and map key, a namespace clears the map key.
 * Setting makes no native call: the parts travel with the next operation.
 *
 * <p>The namespace belongs to the key, not to a state: it must suit each state that is used while it is set
 * (KEY_PART_LENGTH otherwise); {@code session.namespace();} with nothing written sets the empty one again. The map key
 * concerns map states only.
 *
 * <p><b>Threads.</b> A session belongs to the platform thread that created it, and every call by another thread throws
 * {@link KeybedStateException} (WRONG_THREAD) and changes nothing here: the same goes for its states, cursors, batches
 * and multi-gets. It can be passed on: {@link #release()} here, {@link #acquire()} there. Virtual threads are refused,
 * because they move between platform threads.
 *
 * <p><b>Ownership.</b> A session keeps its store alive and must be closed; states, cursors, batches and multi-gets end
 * with their session. A session that is forgotten is freed when the garbage collector finds it (and reported, with
 * {@code -Dkeybed.leak.tracking=true}).
 */
public final class Session implements AutoCloseable {
    private static final int KEY_BUFFER = 0;
    private static final int VALUE_BUFFER = 1;
    private static final int INITIAL_KEY_CAPACITY = 1024;
    private static final int INITIAL_VALUE_CAPACITY = 64 * 1024;

    private final Store store;
    private final NativeHandle handle;
    private final CurrentKey key;
    private final CurrentValue value;
    private final BlockBuffers blocks;

    /** Made at first use. */
    private KeyComposer composer;

    /**
     * Who may call; null while released and when closed. Volatile: what a releasing thread did, an acquiring one sees.
     * Native code has the guarantee; this is asked first, so that a call that is refused has touched nothing here.
     */
    private volatile Thread owner = Thread.currentThread();

    private Session(Store store, NativeHandle handle, int maxKeyBytes, int maxValueBytes) {
        this.store = store;
        this.handle = handle;
        this.key = new CurrentKey(
                new SharedBuffer(this, KEY_BUFFER, Math.min(INITIAL_KEY_CAPACITY, maxKeyBytes)), maxKeyBytes);
        this.value = new CurrentValue(
                new SharedBuffer(this, VALUE_BUFFER, Math.min(INITIAL_VALUE_CAPACITY, maxValueBytes)), maxValueBytes);
        this.blocks = new BlockBuffers(this);
    }

    /** The public side of a native session that the calling thread owns. */
    static Session of(Store store, long nativeSession, int maxKeyBytes, int maxValueBytes) {
        NativeHandle handle = new NativeHandle("the session", nativeSession, NativeSession::close);
        try {
            Session session = new Session(store, handle, maxKeyBytes, maxValueBytes);
            handle.watch(session);
            return session;
        } catch (RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    // The current key.

    /**
     * Begins a new current key: write its bytes to what is returned. Clears namespace and map key.
     *
     * @param keyGroup the key group, {@code 0 <= keyGroup < max-parallelism}; see {@link KeyGroups#of}
     * @return where the key's bytes go
     * @throws KeybedArgumentException KEY_GROUP_OUT_OF_RANGE if {@code keyGroup} is negative (one that is too large is
     *     found by the next operation)
     */
    public DirectOutput key(int keyGroup) {
        checkOwner();
        return key.beginKey(keyGroup);
    }

    /**
     * Sets the current key to eight bytes, big-endian. Clears namespace and map key.
     *
     * @param keyGroup the key group
     * @param bytes the key
     */
    public void setKey(int keyGroup, long bytes) {
        checkOwner();
        key.setKey(keyGroup, bytes);
    }

    /**
     * Sets the current key. Clears namespace and map key.
     *
     * @param keyGroup the key group
     * @param bytes the key
     */
    public void setKey(int keyGroup, byte[] bytes) {
        key(keyGroup).write(bytes);
        key.seal();
    }

    /**
     * Sets the current key to the bytes from position to limit, and advances the position. Clears namespace and map key.
     *
     * @param keyGroup the key group
     * @param bytes the key
     */
    public void setKey(int keyGroup, ByteBuffer bytes) {
        key(keyGroup).write(bytes);
        key.seal();
    }

    /**
     * Begins a new namespace, empty until something is written. Clears the map key.
     *
     * @return where the namespace's bytes go
     * @throws KeybedStateException NO_KEY if no key is set
     */
    public DirectOutput namespace() {
        checkOwner();
        return key.beginNamespace();
    }

    /**
     * Sets the namespace to eight bytes, big-endian. Clears the map key.
     *
     * @param bytes the namespace
     */
    public void setNamespace(long bytes) {
        namespace().writeLong(bytes);
        key.seal();
    }

    /**
     * Sets the namespace to one byte. Clears the map key.
     *
     * @param b the byte: the low eight bits of the number
     * @throws KeybedStateException NO_KEY if no key is set
     */
    public void setNamespaceByte(int b) {
        checkOwner();
        key.setNamespaceByte(b);
    }

    /**
     * Sets the namespace. Clears the map key.
     *
     * @param bytes the namespace
     */
    public void setNamespace(byte[] bytes) {
        namespace().write(bytes);
        key.seal();
    }

    /**
     * Sets the namespace to the bytes from position to limit, and advances the position. Clears the map key.
     *
     * @param bytes the namespace
     */
    public void setNamespace(ByteBuffer bytes) {
        namespace().write(bytes);
        key.seal();
    }

    /**
     * Begins a new map key.
     *
     * @return where the map key's bytes go
     * @throws KeybedStateException NO_KEY if no key is set
     */
    public DirectOutput mapKey() {
        checkOwner();
        return key.beginMapKey();
    }

    /**
     * Sets the map key to eight bytes, big-endian. Negative numbers sort behind the others; where the order of a scan
     * matters use {@code mapKey().writeOrderedLong(bytes)}.
     *
     * @param bytes the map key
     */
    public void setMapKey(long bytes) {
        mapKey().writeLong(bytes);
        key.seal();
    }

    /**
     * Sets the map key.
     *
     * @param bytes the map key
     */
    public void setMapKey(byte[] bytes) {
        mapKey().write(bytes);
        key.seal();
    }

    /**
     * Sets the map key to the bytes from position to limit, and advances the position.
     *
     * @param bytes the map key
     */
    public void setMapKey(ByteBuffer bytes) {
        mapKey().write(bytes);
        key.seal();
    }

    /**
     * Sets the map key to a string's UTF-8 bytes.
     *
     * @param utf8 the map key
     */
    public void setMapKey(String utf8) {
        mapKey().writeUtf8(utf8);
        key.seal();
    }

    /**
     * Writes the stored form of the current key in a state to the target, from its position, and advances the position.
     *
     * @param state a state of this session
     * @param target where the key goes, from position to limit at most; direct or not, of any byte order
     * @return how many bytes were written
     * @throws KeybedArgumentException BUFFER_TOO_SMALL with the length needed in its message, or READ_ONLY_BUFFER;
     *     nothing is written
     * @throws KeybedStateException TOO_MANY_HANDLES if all block buffers of the session were in use at the first call
     */
    public int compositeKey(State state, ByteBuffer target) {
        checkOwner();
        requireWritable(target);
        if (composer == null) {
            composer = new KeyComposer(this);
        }
        return composer.compose(state, target);
    }

    // The current value.

    /**
     * Begins a new value: write its bytes to what is returned, then call {@link State#put()}, {@link ListState#add()},
     * {@link WriteBatch#put} or {@link WriteBatch#append}. The value stays for several of these; a get drops it.
     *
     * @return where the value's bytes go
     */
    public DirectOutput value() {
        checkOwner();
        return value.begin();
    }

    // States and batches.

    /**
     * Opens a value state without namespaces; makes it if the store has none of that name.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters, unpaired surrogates and U+FFFD
     * @return the state
     * @throws KeybedStateException STATE_MISMATCH if the store has it with another kind or namespace size,
     *     STATE_ALREADY_OPEN if it is open in this session
     * @throws KeybedArgumentException INVALID_ARGUMENT if the name cannot be a state's, or the store has 256 states
     */
    public ValueState valueState(String name) {
        return valueState(name, PartSize.none());
    }

    /**
     * Opens a value state; makes it if the store has none of that name.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters, unpaired surrogates and U+FFFD
     * @param namespace the size of its namespaces
     * @return the state
     * @throws KeybedStateException as {@link #valueState(String)}
     */
    public ValueState valueState(String name, PartSize namespace) {
        return new ValueState(this, openState(name, StateKind.VALUE, namespace), name);
    }

    /**
     * Opens a list state without namespaces; makes it if the store has none of that name.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters, unpaired surrogates and U+FFFD
     * @return the state
     * @throws KeybedStateException as {@link #valueState(String)}
     */
    public ListState listState(String name) {
        return listState(name, PartSize.none());
    }

    /**
     * Opens a list state; makes it if the store has none of that name.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters, unpaired surrogates and U+FFFD
     * @param namespace the size of its namespaces
     * @return the state
     * @throws KeybedStateException as {@link #valueState(String)}
     */
    public ListState listState(String name, PartSize namespace) {
        return new ListState(this, openState(name, StateKind.LIST, namespace), name);
    }

    /**
     * Opens a map state without namespaces; makes it if the store has none of that name.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters, unpaired surrogates and U+FFFD
     * @return the state
     * @throws KeybedStateException as {@link #valueState(String)}
     */
    public MapState mapState(String name) {
        return mapState(name, PartSize.none());
    }

    /**
     * Opens a map state; makes it if the store has none of that name.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters, unpaired surrogates and U+FFFD
     * @param namespace the size of its namespaces
     * @return the state
     * @throws KeybedStateException as {@link #valueState(String)}
     */
    public MapState mapState(String name, PartSize namespace) {
        return new MapState(this, openState(name, StateKind.MAP, namespace), name);
    }

    private int openState(String name, StateKind kind, PartSize namespace) {
        checkOwner();
        int id = NativeSession.openState(nativeHandle(), name, kind.code(), namespace.code());
        Reference.reachabilityFence(this);
        return id;
    }

    /**
     * A new, empty batch of writes, which commits all of them or none.
     *
     * @return the batch; close it
     */
    public WriteBatch newWriteBatch() {
        return new WriteBatch(this);
    }

    // Lifecycle.

    /**
     * Gives the session up, so that another thread can {@link #acquire()} it. The current key stays, the current value
     * and what views show do not.
     *
     * @throws KeybedStateException WRONG_THREAD unless the caller owns the session
     */
    public void release() {
        checkOwner();
        key.seal();
        value.clear();
        // Before native code lets go: from then on another thread may write this field.
        owner = null;
        try {
            NativeSession.release(nativeHandle());
        } catch (RuntimeException e) {
            owner = Thread.currentThread();
            throw e;
        }
        Reference.reachabilityFence(this);
    }

    /**
     * Takes a session that was released.
     *
     * @throws KeybedStateException WRONG_THREAD if another thread owns it, or if the caller is a virtual thread
     */
    public void acquire() {
        VirtualThreads.refuse();
        NativeSession.acquire(nativeHandle());
        // Reading the volatile field that release() wrote makes all else it wrote visible.
        if (owner != Thread.currentThread()) {
            owner = Thread.currentThread();
        }
    }

    /**
     * Ends the session; does nothing if that has been done. Its states, cursors, batches and multi-gets end with it. May
     * be called before or after the store is closed, by the owner or, of a released session, by any thread.
     *
     * @throws KeybedStateException WRONG_THREAD if another thread owns it; nothing happens then
     */
    @Override
    public void close() {
        if (handle.isClosed()) {
            return;
        }
        Thread current = owner;
        if (current != null && current != Thread.currentThread()) {
            throw notOwner(current);
        }
        try {
            handle.close();
        } finally {
            if (handle.isClosed()) {
                owner = null;
                key.clear();
                value.clear();
                store.forget(this);
            }
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
        return "Session of " + store + (isClosed() ? " (closed)" : "");
    }

    /** Whether the calling thread may close it. */
    boolean isCloseableHere() {
        Thread current = owner;
        return current == null || current == Thread.currentThread();
    }

    // What states, cursors, batches and multi-gets are made of. An operation is
    //     int keyLength = begin(state);
    //     return end(NativeSession.something(nativeHandle(), state.id(), ..., keyLength, ...));

    /** Begins an operation on a state: seals the current key and returns its length as natives take it. */
    int begin(State state) {
        checkOwner();
        if (state.session() != this) {
            throw Errors.of(ErrorCode.FOREIGN_HANDLE, "state '" + state.name() + "' belongs to another session");
        }
        return key.argument();
    }

    /** Ends a hot native that sent the key: throws what a negative result stands for, else returns it. */
    int end(int result) {
        if (result < -1) {
            throw failed(result);
        }
        key.markSent();
        Reference.reachabilityFence(this);
        return result;
    }

    /** Ends a hot native that did not send the key. */
    int endWithoutKey(int result) {
        if (result < -1) {
            throw failed(result);
        }
        Reference.reachabilityFence(this);
        return result;
    }

    private RuntimeException failed(int result) {
        key.markUnsent();
        return Errors.ofResult(result);
    }

    long nativeHandle() {
        return handle.value();
    }

    CurrentKey currentKey() {
        return key;
    }

    CurrentValue currentValue() {
        return value;
    }

    BlockBuffers blocks() {
        checkOwner();
        return blocks;
    }

    static void requireWritable(ByteBuffer target) {
        if (target.isReadOnly()) {
            throw Errors.of(ErrorCode.READ_ONLY_BUFFER, "the target is read-only");
        }
    }

    /** Throws WRONG_THREAD (CLOSED, if it is closed) unless the caller owns the session. Before anything is touched. */
    void checkOwner() {
        Thread current = owner;
        if (current != Thread.currentThread()) {
            throw notOwner(current);
        }
    }

    private RuntimeException notOwner(Thread current) {
        if (isClosed()) {
            return Errors.closed("the session");
        }
        String whose = current == null ? "released" : "owned by thread '" + current.getName() + "'";
        return Errors.of(
                ErrorCode.WRONG_THREAD,
                "the session is " + whose + ", the call came from '" + Thread.currentThread().getName() + "'");
    }
}
