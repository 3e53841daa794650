package dev.keybed;

import java.nio.ByteBuffer;

/**
 * A state that keeps a list for each key and namespace. Adding appends without reading what is there. Reading gives all
 * elements joined by the byte {@code ','}, so elements are of one size or mark their own ends; {@link #put()} replaces
 * the whole list.
 */
public final class ListState extends State {
    private final Session session;
    private final CurrentKey key;
    private final CurrentValue value;

    ListState(Session session, int id, String name) {
        super(session, id, name, StateKind.LIST);
        this.session = session;
        this.key = session.currentKey();
        this.value = session.currentValue();
    }

    /**
     * Appends what was written to {@link Session#value()}.
     *
     * @throws KeybedStateException CURSOR_INVALID if no value was written since the last get
     */
    public void add() {
        int keyLength = session.begin(this);
        session.end(NativeSession.append(
                session.nativeHandle(), id(), key.group(), keyLength, key.namespaceLength(), 0, value.argument()));
    }

    /**
     * Appends the bytes from position to limit, and advances the position.
     *
     * @param element the element; direct or not, of any byte order
     */
    public void add(ByteBuffer element) {
        session.checkOwner();
        value.set(element);
        add();
        element.position(element.limit());
    }

    /**
     * Appends an element.
     *
     * @param element the element
     */
    public void add(byte[] element) {
        session.checkOwner();
        value.set(element);
        add();
    }
}
