package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import java.util.TreeMap;

/**
 * Three states of every kind, filled at random, and all that they hold as a map of Java: "state/key group/key" to value, in
 * hexadecimal digits.
 */
final class Contents {
    static final int KEY_GROUPS = 128;

    private static final PartSize NAMESPACE = PartSize.fixed(2);

    private final Session session;
    private final ValueState values;
    private final ListState lists;
    private final MapState maps;

    Contents(Session session) {
        this.session = session;
        values = session.valueState("values");
        lists = session.listState("lists", PartSize.variable());
        maps = session.mapState("maps", NAMESPACE);
    }

    /** Writes entries of all states; the same again for the same seed. */
    Contents write(long seed, int count) {
        return write(seed, count, KeyGroupRange.all(KEY_GROUPS));
    }

    /** The same in some key groups. */
    Contents write(long seed, int count, KeyGroupRange keyGroups) {
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            long key = random.nextInt(2 * count);
            session.setKey(keyGroups.first() + (int) (key % keyGroups.count()), key);
            values.put(Bytes.random(random.nextInt(40), random.nextLong()));
            session.setNamespace(Bytes.of("n" + random.nextInt(3)));
            session.setMapKey("m" + random.nextInt(5));
            maps.delete();
            session.setMapKey("m" + random.nextInt(5));
            maps.put(Bytes.random(random.nextInt(40), random.nextLong()));
            lists.add(Bytes.of("e" + i));
        }
        return this;
    }

    /** Removes a part of what was written. */
    Contents delete(long seed, int count) {
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            long key = random.nextInt(2 * count);
            session.setKey((int) (key % KEY_GROUPS), key);
            values.delete();
        }
        return this;
    }

    /** All that the session sees. */
    TreeMap<String, String> read(KeyGroupRange keyGroups) {
        TreeMap<String, String> all = new TreeMap<>();
        for (int group = keyGroups.first(); group <= keyGroups.last(); group++) {
            session.setKey(group, 0L);
            read("values", values, group, all);
            read("lists", lists, group, all);
            read("maps", maps, group, all);
        }
        return all;
    }

    TreeMap<String, String> read() {
        return read(KeyGroupRange.all(KEY_GROUPS));
    }

    private static void read(String name, State state, int group, TreeMap<String, String> all) {
        try (EntryCursor cursor = state.newCursor(Scope.KEY_GROUP).seek()) {
            while (cursor.next()) {
                add(all, name, group, cursor.key(), cursor.value());
            }
        }
    }

    /** All that a stored snapshot has. */
    static TreeMap<String, String> read(StoredSnapshot snapshot) {
        TreeMap<String, String> all = new TreeMap<>();
        for (StateInfo state : snapshot.info().states()) {
            try (StoredCursor cursor = snapshot.cursor(state.name())) {
                while (cursor.next()) {
                    add(all, state.name(), cursor.keyGroup(), cursor.key(), cursor.value());
                }
            }
        }
        return all;
    }

    /** All that a store has of some key groups. */
    static TreeMap<String, String> read(Store store, KeyGroupRange keyGroups) {
        try (Session session = store.newSession()) {
            return new Contents(session).read(keyGroups);
        }
    }

    private static void add(TreeMap<String, String> all, String name, int group, DirectInput key, DirectInput value) {
        String where = name + "/" + group + "/" + Bytes.hex(key.readRemaining());
        assertNull(all.put(where, Bytes.hex(value.readRemaining())), where);
    }
}
