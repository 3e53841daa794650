package dev.keybed;

import java.nio.ByteBuffer;

/**
 * The current key of a session: key group, and the parts written so far, back to back in the key buffer.
 *
 * <pre>
 *   | key | namespace | map key |
 *   0     keyLength   + namespaceLength
 * </pre>
 *
 * Setting a part makes no native call. The first operation sends the key, native code keeps its encoded form, and later
 * operations say "the same key" by sending {@code ~keyLength} until the key changes or an operation fails.
 */
final class CurrentKey {
    private static final int NO_GROUP = -1;
    private static final int NO_MAP_KEY = -1;

    private final SharedBuffer buffer;
    private final DirectOutput keyOutput;
    private final DirectOutput namespaceOutput;
    private final DirectOutput mapKeyOutput;

    /** The output that is being written, or null when all are sealed. */
    private DirectOutput open;

    private boolean sent;
    private int group = NO_GROUP;
    private int keyLength;
    private int namespaceLength;
    private int mapKeyLength = NO_MAP_KEY;

    CurrentKey(SharedBuffer buffer, int largest) {
        this.buffer = buffer;
        this.keyOutput = new DirectOutput(buffer, largest, ErrorCode.KEY_TOO_LARGE);
        this.namespaceOutput = new DirectOutput(buffer, largest, ErrorCode.KEY_TOO_LARGE);
        this.mapKeyOutput = new DirectOutput(buffer, largest, ErrorCode.KEY_TOO_LARGE);
    }

    DirectOutput beginKey(int group) {
        clear();
        if (group < 0) {
            throw Errors.of(ErrorCode.KEY_GROUP_OUT_OF_RANGE, "key group " + group + " is negative");
        }
        this.group = group;
        return open = keyOutput.open(0);
    }

    /** A whole key of eight bytes; the buffer always has room for it. */
    void setKey(int group, long bytes) {
        clear();
        if (group < 0) {
            throw Errors.of(ErrorCode.KEY_GROUP_OUT_OF_RANGE, "key group " + group + " is negative");
        }
        buffer.bytes().putLong(0, bytes);
        keyLength = Long.BYTES;
        this.group = group;
    }

    /** A whole namespace of one byte. */
    void setNamespaceByte(int b) {
        seal();
        requireKey();
        if (keyLength == buffer.capacity()) {
            beginNamespace().write(b);
            return;
        }
        buffer.bytes().put(keyLength, (byte) b);
        namespaceLength = 1;
        mapKeyLength = NO_MAP_KEY;
    }

    DirectOutput beginNamespace() {
        seal();
        requireKey();
        namespaceLength = 0;
        mapKeyLength = NO_MAP_KEY;
        return open = namespaceOutput.open(keyLength);
    }

    DirectOutput beginMapKey() {
        seal();
        requireKey();
        mapKeyLength = 0;
        return open = mapKeyOutput.open(keyLength + namespaceLength);
    }

    /** Ends the part being written, if there is one. A part that was dropped takes the whole key with it. */
    void seal() {
        DirectOutput output = open;
        if (output == null) {
            return;
        }
        open = null;
        int length = output.seal();
        if (length < 0) {
            clear();
        } else if (output == keyOutput) {
            keyLength = length;
        } else if (output == namespaceOutput) {
            namespaceLength = length;
        } else {
            mapKeyLength = length;
        }
    }

    /** No key from now on. */
    void clear() {
        if (open != null) {
            open.seal();
            open = null;
        }
        sent = false;
        group = NO_GROUP;
        keyLength = 0;
        namespaceLength = 0;
        mapKeyLength = NO_MAP_KEY;
    }

    /**
     * Seals the key for an operation.
     *
     * @return the key length as natives take it
     */
    int argument() {
        seal();
        requireKey();
        return sent ? ~keyLength : keyLength;
    }

    /** Native code has the key now. */
    void markSent() {
        sent = true;
    }

    /** The next operation sends the key in full. */
    void markUnsent() {
        sent = false;
    }

    int group() {
        return group;
    }

    int keyLength() {
        return keyLength;
    }

    int namespaceLength() {
        return namespaceLength;
    }

    /** The length of the map key, which must have been set since the key and namespace were. */
    int mapKeyLength() {
        if (mapKeyLength == NO_MAP_KEY) {
            throw Errors.of(ErrorCode.NO_KEY, "no map key: call mapKey() or setMapKey(...) after the key and namespace");
        }
        return mapKeyLength;
    }

    /** The parts, back to back from 0. */
    ByteBuffer bytes() {
        return buffer.bytes();
    }

    private void requireKey() {
        if (group == NO_GROUP) {
            throw Errors.of(
                    ErrorCode.NO_KEY, "no key: call key(...) or setKey(...) first; one that is too large is dropped");
        }
    }
}
