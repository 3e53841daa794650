package dev.keybed;

import java.nio.ByteBuffer;

/**
 * Writes composite keys for callers. Native code composes in a block buffer of the session, and Java copies from there:
 * the memory of a caller's buffer may be freed at any moment, and only the JVM can tell.
 */
final class KeyComposer {
    private final Session session;
    private final CurrentKey key;
    private final SharedBuffer buffer;

    KeyComposer(Session session) {
        this.session = session;
        this.key = session.currentKey();
        this.buffer = session.blocks().take();
    }

    /** Writes the composite key of the current key to the target and advances its position; returns the length. */
    int compose(State state, ByteBuffer target) {
        int length = composeOnce(state);
        while (length > buffer.capacity()) {
            buffer.grow(length, 0, length);
            length = composeOnce(state);
        }
        int position = target.position();
        if (target.remaining() < length) {
            throw Errors.of(
                    ErrorCode.BUFFER_TOO_SMALL,
                    "the composite key needs " + length + " bytes, the target has room for " + target.remaining());
        }
        target.put(position, buffer.bytes(), 0, length);
        target.position(position + length);
        return length;
    }

    private int composeOnce(State state) {
        int keyLength = session.begin(state);
        return session.end(NativeSession.compositeKey(
                session.nativeHandle(),
                buffer.index(),
                state.id(),
                key.group(),
                keyLength,
                key.namespaceLength(),
                state.mapKeyLength()));
    }
}
