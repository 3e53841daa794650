package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A scan or clear reaches exactly the entries of its scope: keys, namespaces and map keys here are prefixes of one
 * another, and made of the bytes that encodings treat specially.
 */
class ScanScopeTest extends StoreTest {
    private static final byte[][] PARTS = {
        Bytes.of(0), Bytes.of(0, 0), Bytes.of(0, 0xFF), Bytes.of(0xFF), Bytes.of(0xFF, 0), Bytes.of(0xFF, 0xFF),
        Bytes.of('a'), Bytes.of('a', 0), Bytes.of('a', 0, 'b'), Bytes.of('a', 0xFF), Bytes.of('a', 'b'), Bytes.of(1)
    };
    private static final int[] GROUPS = {0, 1, 127};

    private MapState map;
    private final TreeMap<String, String> model = new TreeMap<>();

    @BeforeEach
    void fill() {
        map = session.mapState("map", PartSize.variable());
        for (int group : GROUPS) {
            for (byte[] key : PARTS) {
                for (byte[] namespace : withEmpty()) {
                    for (byte[] mapKey : withEmpty()) {
                        String path = path(group, key, namespace) + Bytes.hex(mapKey);
                        session.setKey(group, key);
                        session.setNamespace(namespace);
                        session.setMapKey(mapKey);
                        map.put(Bytes.of(path));
                        model.put(path, Bytes.hex(mapKey));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Scope.class)
    void a_scan_shows_exactly_the_entries_of_its_scope(Scope scope) {
        try (EntryCursor cursor = map.newCursor(scope)) {
            for (int group : GROUPS) {
                for (byte[] key : PARTS) {
                    for (byte[] namespace : withEmpty()) {
                        String prefix = select(scope, group, key, namespace);
                        List<String> found = new ArrayList<>();
                        for (cursor.seek(); cursor.next(); ) {
                            String path = Bytes.text(cursor.value());
                            found.add(path);
                            if (scope == Scope.NAMESPACE) {
                                assertEquals(model.get(path), Bytes.hex(cursor.key().readRemaining()));
                            }
                        }
                        found.sort(null);
                        assertEquals(expected(prefix), found, () -> scope + " " + prefix);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Scope.class)
    void a_clear_removes_exactly_the_entries_of_its_scope(Scope scope) {
        byte[][] keys = {Bytes.of('a'), Bytes.of(0), Bytes.of(0xFF)};
        for (byte[] key : keys) {
            String prefix = select(scope, 1, key, Bytes.of('a'));
            map.clear(scope);
            model.keySet().removeIf(path -> path.startsWith(prefix));
            assertEquals(new ArrayList<>(model.keySet()), everything());
        }
        session.setKey(1, Bytes.of('a'));
        session.setNamespace(Bytes.of('a'));
        session.setMapKey("new");
        map.put(Bytes.of("new"));
        assertEquals("new", Bytes.text(map.get()));
    }

    @ParameterizedTest
    @EnumSource(Scope.class)
    void scopes_reach_the_entries_of_values_and_lists_too(Scope scope) {
        ValueState value = session.valueState("value", PartSize.variable());
        ListState list = session.listState("list", PartSize.variable());
        for (State state : new State[] {value, list}) {
            for (byte[] key : PARTS) {
                select(scope, 1, key, Bytes.of('a'));
                state.put(Bytes.of("v"));
            }
            int expected = scope == Scope.KEY_GROUP ? PARTS.length : 1;
            select(scope, 1, Bytes.of('a'), Bytes.of('a'));
            assertEquals(expected, count(state, scope));
            state.clear(scope);
            assertEquals(0, count(state, scope));
        }
    }

    /** After a scan of a whole group, which does not look at the key, the current key must still be the current key. */
    @ParameterizedTest
    @EnumSource(Scope.class)
    void a_scan_leaves_the_current_key_alone(Scope scope) {
        try (EntryCursor cursor = map.newCursor(scope)) {
            session.setKey(1, Bytes.of('a'));
            session.setNamespace(Bytes.of('a', 'b'));
            session.setMapKey(Bytes.of(0));
            cursor.seek();
            assertEquals(path(1, Bytes.of('a'), Bytes.of('a', 'b')) + "00", Bytes.text(map.get()));
            session.setKey(1, Bytes.of(0xFF));
            session.setNamespace(Bytes.of('a'));
            session.setMapKey(Bytes.of(1));
            cursor.seek();
            assertEquals(path(1, Bytes.of(0xFF), Bytes.of('a')) + "01", Bytes.text(map.get()));
        }
    }

    private static int count(State state, Scope scope) {
        int count = 0;
        try (EntryCursor cursor = state.newCursor(scope)) {
            for (cursor.seek(); cursor.next(); ) {
                assertEquals("v", Bytes.text(cursor.value()));
                count++;
            }
        }
        return count;
    }

    /** Makes the current key one of the scope's; returns what the paths of its entries begin with. */
    private String select(Scope scope, int group, byte[] key, byte[] namespace) {
        session.setKey(group, key);
        session.setNamespace(namespace);
        return switch (scope) {
            case KEY_GROUP -> group + "/";
            case KEY -> group + "/" + Bytes.hex(key) + "/";
            case NAMESPACE -> path(group, key, namespace);
        };
    }

    private List<String> everything() {
        List<String> found = new ArrayList<>();
        try (EntryCursor cursor = map.newCursor(Scope.KEY_GROUP)) {
            for (int group : GROUPS) {
                session.setKey(group, Bytes.of("any"));
                for (cursor.seek(); cursor.next(); ) {
                    found.add(Bytes.text(cursor.value()));
                }
            }
        }
        found.sort(null);
        return found;
    }

    private List<String> expected(String prefix) {
        return model.keySet().stream().filter(path -> path.startsWith(prefix)).toList();
    }

    private static String path(int group, byte[] key, byte[] namespace) {
        return group + "/" + Bytes.hex(key) + "/" + Bytes.hex(namespace) + "/";
    }

    private static byte[][] withEmpty() {
        byte[][] parts = java.util.Arrays.copyOf(PARTS, PARTS.length + 1);
        parts[PARTS.length] = new byte[0];
        return parts;
    }
}
