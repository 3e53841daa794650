package dev.keybed;

import java.util.Arrays;

/**
 * Entries that are put into a map together, in one native call.
 *
 * <pre>{@code
 * DirectOutput out = entries.begin();
 * for (...) {
 *     out.writeLong(mapKey);
 *     entries.endKey();
 *     out.writeDouble(value);
 *     entries.endValue();
 * }
 * entries.put();
 * }</pre>
 *
 * What is written lies in the session's value buffer, one entry behind the other; their lengths are kept here and go behind
 * them in the end. Any other use of the session's value between {@link #begin()} and {@link #put()} ends it.
 *
 * <p>Confined to the thread that owns the session. Allocates nothing once it has held as many entries.
 */
public final class MapEntries {
    private final MapState state;
    private final Session session;
    private DirectOutput output;
    /** Of each entry, where its key and its value end. */
    private int[] ends = new int[32];

    private int count;
    private boolean inValue;

    MapEntries(MapState state) {
        this.state = state;
        this.session = state.session();
    }

    /**
     * Begins: no entry from now on. What this returns is the session's {@link Session#value()}.
     *
     * @return where map keys and values go, in turn
     */
    public DirectOutput begin() {
        output = session.value();
        count = 0;
        inValue = false;
        return output;
    }

    /**
     * What has been written since the last entry is a map key.
     *
     * @throws KeybedStateException CURSOR_INVALID unless a key is due
     */
    public void endKey() {
        require(!inValue);
        if (2 * count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * ends.length);
        }
        ends[2 * count] = output.position();
        inValue = true;
    }

    /**
     * What has been written since the last key is its value: the entry is complete.
     *
     * @throws KeybedStateException CURSOR_INVALID unless a value is due
     */
    public void endValue() {
        require(inValue);
        ends[2 * count + 1] = output.position();
        count++;
        inValue = false;
    }

    /**
     * How many bytes the entries have so far.
     *
     * @return the number of bytes
     */
    public int sizeInBytes() {
        return output == null ? 0 : output.position();
    }

    /**
     * Puts the entries into the map of the current key and namespace, in their order. On the engine rocks all or none; on the
     * engine table the first ones may be there if the memory budget refuses one.
     *
     * @throws KeybedStateException CURSOR_INVALID if they were not begun, the last has no value, or the session's value was
     *     used for something else
     * @throws KeybedArgumentException VALUE_TOO_LARGE if all together are larger than a value may be; nothing is put
     */
    public void put() {
        require(!inValue);
        int start = 0;
        for (int i = 0; i < 2 * count; i++) {
            output.writeInt(ends[i] - start);
            start = ends[i];
        }
        output = null;
        state.putAll(count);
    }

    private void require(boolean holds) {
        if (output == null || !holds) {
            throw Errors.of(
                    ErrorCode.CURSOR_INVALID, "entries are begun with begin(), and each has a key, which ends first, and a value");
        }
    }
}
