package dev.keybed;

import java.lang.ref.Reference;

/**
 * Walks the entries that a state has in a stored snapshot: key group by key group, within one in the order of the keys' bytes if
 * the engine was {@link Engine#ROCKS}, in none if it was {@link Engine#TABLE}. Entries come from native code in blocks; nothing is
 * allocated for an entry.
 *
 * <p>For one thread at a time; another may close it at any moment.
 */
public final class StoredCursor implements AutoCloseable {
    private static final byte DELETED = 0;

    private final StoredSnapshot snapshot;
    private final BlockSource blocks;
    private final boolean changes;
    private final int keyGroupBytes;
    private final Block block = new Block(null);
    private final DirectInput keyView = new DirectInput();
    private final DirectInput valueView = new DirectInput();
    /** The entry of the block that is shown; -1 before its first. */
    private int entry = -1;
    private boolean atEnd;

    StoredCursor(StoredSnapshot snapshot, long nativeBlocks) {
        this.snapshot = snapshot;
        this.changes = snapshot.info().base().isPresent();
        this.keyGroupBytes = snapshot.info().keyGroupBytes();
        this.blocks = new BlockSource("the cursor", nativeBlocks);
        blocks.watch(this);
    }

    /**
     * Moves to the next entry. What {@link #key()} and {@link #value()} showed is no longer valid.
     *
     * @return false if there is none
     * @throws KeybedStateException CLOSED, WRONG_THREAD while another thread is in this call
     * @throws KeybedException CORRUPTION, IO; the cursor is at no entry then, and cannot go on
     */
    public boolean next() {
        blocks.enter();
        try {
            keyView.invalidate();
            valueView.invalidate();
            if (entry + 1 < block.count()) {
                entry++;
                return true;
            }
            return fetch();
        } finally {
            blocks.exit();
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The entries that come next, as many as have been fetched: for code that takes many at a time, or sends them on as they are
     * ({@link Block#writeTo}). The cursor moves to the last of them; {@link #next()} goes on behind it. Keys are composite keys, the
     * key group first; of a file that has only what changed, a byte comes before it, 0 for deleted, 1 for put.
     *
     * @return the entries, at least one, or null if there is none; the same object each time, valid until the next call of this
     *     method, {@link #next()} or {@link #close()}
     * @throws KeybedStateException CLOSED, WRONG_THREAD while another thread is in a call
     * @throws KeybedException CORRUPTION, IO; the cursor is at no entry then, and cannot go on
     */
    public Block nextBlock() {
        blocks.enter();
        try {
            keyView.invalidate();
            valueView.invalidate();
            int from = entry + 1;
            if (from >= block.count()) {
                if (!fetch()) {
                    return null;
                }
                from = entry;
            }
            entry = block.count() - 1;
            return block.slice(from, block.count());
        } finally {
            blocks.exit();
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The key group of the entry.
     *
     * @return the key group
     * @throws KeybedStateException CURSOR_INVALID if there is no entry: before the first {@link #next()} or after the last
     */
    public int keyGroup() {
        int at = compositeKey();
        int high = blocks.bytes().get(at) & 0xFF;
        return keyGroupBytes == 1 ? high : high << 8 | blocks.bytes().get(at + 1) & 0xFF;
    }

    /**
     * The composite key of the entry without its key group, as a cursor of {@link Scope#KEY_GROUP} shows it.
     *
     * @return a view at the start of the key, the same object each time, valid until {@link #next()}
     * @throws KeybedStateException CURSOR_INVALID if there is no entry: before the first {@link #next()} or after the last
     */
    public DirectInput key() {
        int at = compositeKey();
        return keyView.show(blocks.bytes(), at + keyGroupBytes, block.keyEnd(entry));
    }

    /**
     * The value of the entry.
     *
     * @return a view at the start of the value, the same object each time, valid until {@link #next()}
     * @throws KeybedStateException CURSOR_INVALID if there is no entry: before the first {@link #next()} or after the last
     */
    public DirectInput value() {
        requireEntry();
        return valueView.show(blocks.bytes(), block.keyEnd(entry), block.valueEnd(entry));
    }

    /**
     * Of a file that has only what changed: whether the entry was deleted. It has no value then.
     *
     * @return true if it was
     * @throws KeybedStateException CURSOR_INVALID if there is no entry: before the first {@link #next()} or after the last
     */
    public boolean isDeleted() {
        requireEntry();
        return changes && blocks.bytes().get(block.start(entry)) == DELETED;
    }

    /**
     * The snapshot it reads.
     *
     * @return the snapshot
     */
    public StoredSnapshot snapshot() {
        return snapshot;
    }

    /** Closes the cursor; does nothing if that has been done. */
    @Override
    public void close() {
        blocks.close();
        Reference.reachabilityFence(this);
    }

    /** Gets a block of entries and moves to its first; false if there is none. */
    private boolean fetch() {
        if (atEnd) {
            return false;
        }
        // If the call throws, the last block must not be shown once more.
        block.clear();
        entry = -1;
        if (blocks.next() == 0) {
            atEnd = true;
            return false;
        }
        block.read(blocks.bytes(), blocks.littleEndian(), changes ? Block.CHANGES : Block.SCAN);
        entry = 0;
        return true;
    }

    /** Where the composite key of the entry begins. */
    private int compositeKey() {
        requireEntry();
        return block.start(entry) + (changes ? 1 : 0);
    }

    private void requireEntry() {
        if (blocks.isClosed()) {
            throw Errors.closed("the cursor");
        }
        if (entry < 0) {
            throw Errors.of(ErrorCode.CURSOR_INVALID, "the cursor is not on an entry: next() did not return true");
        }
    }
}
