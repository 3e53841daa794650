package dev.keybed;

/**
 * Walks the entries of a state in the order of their keys' bytes. Entries come from native code in blocks; {@link
 * #next()} mostly reads what is here already.
 *
 * <p>A cursor has a block buffer of its own, so the session may be used for anything between two calls, and the scan
 * shows the entries as they were when it was started. It holds files and memory of the engine until it reaches the end,
 * is started again, or is closed.
 *
 * <p>Confined to the thread that owns the session. Nothing is allocated once the block buffer is large enough for the
 * largest entry.
 */
public final class EntryCursor implements AutoCloseable {
    private enum Phase {
        NOT_STARTED,
        RUNNING,
        AT_END,
        CLOSED
    }

    private final State state;
    private final Session session;
    private final Scope scope;
    /** Belongs to the state, which hands it out again and again: closing ends the scan only. */
    private final boolean reused;

    private final SharedBuffer buffer;
    private final Block block;
    private final DirectInput keyView = new DirectInput();
    private final DirectInput valueView = new DirectInput();
    private Phase phase = Phase.NOT_STARTED;
    /** The entry of the block that is shown; -1 before its first. */
    private int entry;
    private long blocks;

    EntryCursor(State state, Scope scope, boolean reused) {
        this.state = state;
        this.session = state.session();
        this.scope = scope;
        this.reused = reused;
        this.buffer = session.blocks().take();
        this.block = new Block(session);
    }

    /**
     * Starts the scan, or starts it again, at the session's current key: all entries of the cursor's scope around it.
     *
     * @return this cursor, before the first entry
     */
    public EntryCursor seek() {
        session.checkOwner();
        requireNotClosed();
        int keyLength = session.begin(state);
        CurrentKey key = session.currentKey();
        reset(Phase.NOT_STARTED);
        int result = NativeSession.scan(
                session.nativeHandle(),
                buffer.index(),
                state.id(),
                key.group(),
                keyLength,
                state.namespaceLength(scope),
                scope.code());
        state.endScoped(scope, result);
        block.read(buffer, Block.SCAN);
        blocks = 1;
        phase = Phase.RUNNING;
        return this;
    }

    /**
     * Moves to the next entry. What {@link #key()} and {@link #value()} showed is no longer valid.
     *
     * @return false if there is none; the cursor can be started again
     * @throws KeybedStateException CURSOR_INVALID if the scan has not been started or has failed, CLOSED
     */
    public boolean next() {
        session.checkOwner();
        keyView.invalidate();
        valueView.invalidate();
        if (phase != Phase.RUNNING) {
            return notRunning();
        }
        if (entry + 1 < block.count()) {
            entry++;
            return true;
        }
        return fetch();
    }

    /**
     * The entries that come next, as many as have been fetched: for code that takes many at a time, or sends them on as they
     * are ({@link Block#writeTo}). The cursor moves to the last of them; {@link #next()} goes on behind it.
     *
     * @return the entries, at least one, or null if there is none; the same object each time, valid until the next call of
     *     this method, {@link #next()}, {@link #seek()} or {@link #close()}
     * @throws KeybedStateException CURSOR_INVALID if the scan has not been started or has failed, CLOSED
     */
    public Block nextBlock() {
        session.checkOwner();
        keyView.invalidate();
        valueView.invalidate();
        if (phase != Phase.RUNNING) {
            notRunning();
            return null;
        }
        int from = entry + 1;
        if (from >= block.count()) {
            if (!fetch()) {
                return null;
            }
            from = entry;
        }
        entry = block.count() - 1;
        return block.slice(from, block.count());
    }

    /**
     * The key of the entry, without what the scope's entries have in common. In {@link Scope#NAMESPACE} of a map state
     * it is the map key, byte for byte.
     *
     * @return a view at the start of the key, the same object each time, valid until {@link #next()}
     * @throws KeybedStateException CURSOR_INVALID if there is no entry: before the first {@link #next()} or after the last
     */
    public DirectInput key() {
        requireEntry();
        return keyView.show(buffer.bytes(), block.start(entry), block.keyEnd(entry));
    }

    /**
     * The value of the entry.
     *
     * @return a view at the start of the value, the same object each time, valid until {@link #next()}
     * @throws KeybedStateException CURSOR_INVALID if there is no entry: before the first {@link #next()} or after the last
     */
    public DirectInput value() {
        requireEntry();
        return valueView.show(buffer.bytes(), block.keyEnd(entry), block.valueEnd(entry));
    }

    /**
     * How many blocks the scan has fetched since it was started, each with one native call.
     *
     * @return the number of blocks
     */
    public long blocks() {
        return blocks;
    }

    /**
     * Ends the scan and lets go of all it holds; does nothing if that has been done. The cursor of {@link MapState#scan()}
     * stays usable: scan() starts it again.
     */
    @Override
    public void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (!session.isClosed()) {
            session.checkOwner();
            if (phase == Phase.RUNNING && block.more()) {
                session.endWithoutKey(NativeSession.scanClose(session.nativeHandle(), buffer.index()));
            }
            if (!reused) {
                session.blocks().give(buffer);
            }
        }
        reset(reused ? Phase.NOT_STARTED : Phase.CLOSED);
    }

    /** Gets a block of entries and moves to its first; false if there is none. */
    private boolean fetch() {
        while (block.more()) {
            if (block.count() == 0) {
                buffer.grow(block.neededCapacity(), 0, Integer.MAX_VALUE);
            }
            // If the call throws, the scan is over and must not show the last block once more.
            reset(Phase.NOT_STARTED);
            session.endWithoutKey(NativeSession.scanNext(session.nativeHandle(), buffer.index()));
            phase = Phase.RUNNING;
            block.read(buffer, Block.SCAN);
            blocks++;
            if (block.count() > 0) {
                entry = 0;
                return true;
            }
        }
        reset(Phase.AT_END);
        return false;
    }

    private void reset(Phase phase) {
        this.phase = phase;
        keyView.invalidate();
        valueView.invalidate();
        block.clear();
        entry = -1;
    }

    private boolean notRunning() {
        requireNotClosed();
        if (phase == Phase.AT_END) {
            return false;
        }
        throw Errors.of(ErrorCode.CURSOR_INVALID, "the scan is not running: call seek() first");
    }

    private void requireNotClosed() {
        if (phase == Phase.CLOSED) {
            throw Errors.closed("the cursor");
        }
    }

    private void requireEntry() {
        session.checkOwner();
        if (entry < 0) {
            requireNotClosed();
            throw Errors.of(ErrorCode.CURSOR_INVALID, "the cursor is not on an entry: next() did not return true");
        }
    }
}
