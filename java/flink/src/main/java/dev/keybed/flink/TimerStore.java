package dev.keybed.flink;

import dev.keybed.Block;
import dev.keybed.KeybedException;
import dev.keybed.MapState;
import dev.keybed.PartSize;
import dev.keybed.Session;
import dev.keybed.Store;

/**
 * The timers of one name, of all key groups, in a state of the store: a map for each key group, whose map keys are the timers in
 * Flink's bytes (time with its sign flipped, key, namespace), so that the order of the map is that of the timers. Values are
 * empty.
 *
 * <pre>
 *  key group | key of zeros | timer          Flink's entry of a timer is the same without the zeros: as many as keys have bytes
 * </pre>
 *
 * <p>Timers have a session of their own ({@link TimerSession}), so that they leave the current key of the state alone. Confined to
 * the task's thread.
 */
final class TimerStore {
    private static final byte[] NO_VALUE = {};

    private final TimerSession timers;
    private final Session session;
    private final MapState state;

    TimerStore(TimerSession timers, String name) {
        this.timers = timers;
        this.session = timers.session();
        this.state = session.mapState(StateNames.ofTimers(name), PartSize.none());
    }

    /** Whether a store has timers of a name. */
    static boolean isIn(Store store, String name) {
        String nativeName = StateNames.ofTimers(name);
        return store.states().stream().anyMatch(state -> state.name().equals(nativeName));
    }

    void put(int group, byte[] timer) {
        put(group, timer, 0, timer.length);
    }

    void put(int group, byte[] timer, int offset, int length) {
        timers.select(group);
        session.mapKey().write(timer, offset, length);
        try {
            state.put(NO_VALUE);
        } catch (KeybedException e) {
            throw KeybedStates.explained(e);
        }
    }

    void remove(int group, byte[] timer) {
        timers.select(group);
        session.mapKey().write(timer);
        try {
            state.delete();
        } catch (KeybedException e) {
            throw KeybedStates.explained(e);
        }
    }

    boolean contains(int group, byte[] timer) {
        timers.select(group);
        session.mapKey().write(timer);
        return state.contains();
    }

    /** Some timers from one on, or from the first if that is null, in order. */
    Block read(int group, byte[] from, int most) {
        timers.select(group);
        if (from == null) {
            session.mapKey();
        } else {
            session.mapKey().write(from);
        }
        return state.read(most);
    }

    /** Removes the timers of a key group. */
    void clear(int group) {
        timers.select(group);
        try {
            state.clear();
        } catch (KeybedException e) {
            throw KeybedStates.explained(e);
        }
    }
}
