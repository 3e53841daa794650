package dev.keybed;

/** A state that keeps one value for each key and namespace. */
public final class ValueState extends State {

    ValueState(Session session, int id, String name) {
        super(session, id, name, StateKind.VALUE);
    }

    /**
     * Adds to the value of the current key, in one call instead of a get and a put. The value is eight bytes, as {@link
     * DirectOutput#writeLong} writes them; an absent one counts as 0. Like a get it ends what was begun with {@link
     * Session#value()} and the view of the last value.
     *
     * @param delta what to add; the sum wraps around as {@code +} does
     * @return the new value
     * @throws KeybedArgumentException INVALID_ARGUMENT if the value that is there has another length
     */
    public long addLong(long delta) {
        return add(delta);
    }
}
