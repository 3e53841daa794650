package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations on all kinds of state, through single calls and batches, give what Java's own maps give. */
class ModelTest extends StoreTest {
    private static final int OPERATIONS = 20_000;

    private Random random;
    private final Map<String, String> values = new HashMap<>();
    private final Map<String, String> lists = new HashMap<>();
    private final Map<String, TreeMap<String, String>> maps = new HashMap<>();
    private final Map<String, Long> numbers = new HashMap<>();
    private final List<Runnable> uncommitted = new ArrayList<>();

    private ValueState value;
    private ListState list;
    private MapState map;
    private ValueState number;
    private WriteBatch batch;
    private String key;
    private String mapKey;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_store_behaves_like_maps_of_java(long seed) {
        random = new Random(seed);
        openStates();
        for (int i = 0; i < OPERATIONS; i++) {
            if (random.nextInt(3) > 0) {
                chooseKey();
            }
            step();
            if (random.nextInt(5_000) == 0) {
                reopen();
            }
        }
        batch.close();
    }

    private void openStates() {
        value = session.valueState("value", PartSize.variable());
        list = session.listState("list", PartSize.variable());
        map = session.mapState("map", PartSize.variable());
        number = session.valueState("number", PartSize.variable());
        batch = session.newWriteBatch();
        chooseKey();
    }

    private void reopen() {
        batch.close();
        uncommitted.clear();
        session.close();
        store.close();
        openStore();
        openStates();
    }

    private void chooseKey() {
        int group = random.nextInt(3);
        int number = random.nextInt(20);
        String namespace = "n" + random.nextInt(2);
        mapKey = "m" + random.nextInt(10);
        key = group + "/" + number + "/" + namespace;
        session.setKey(group, (long) number);
        session.setNamespace(Bytes.of(namespace));
        session.setMapKey(mapKey);
    }

    private String randomValue() {
        int length = random.nextInt(100) == 0 ? random.nextInt(200_000) : random.nextInt(20);
        return ("" + random.nextInt(10)).repeat(length);
    }

    private void step() {
        String key = this.key;
        String mapKey = this.mapKey;
        String content = randomValue();
        switch (random.nextInt(20)) {
            case 0, 1 -> {
                value.put(Bytes.of(content));
                values.put(key, content);
            }
            case 2, 3 -> assertEquals(values.get(key), Bytes.text(value.get()));
            case 4 -> assertEquals(values.containsKey(key), value.contains());
            case 5 -> {
                value.delete();
                values.remove(key);
            }
            case 6 -> {
                list.add(Bytes.of(content));
                append(key, content);
            }
            case 7 -> assertEquals(lists.get(key), Bytes.text(list.getBytes()));
            case 8 -> {
                list.delete();
                lists.remove(key);
            }
            case 9, 10 -> {
                map.put(Bytes.of(content));
                mapOf(key).put(mapKey, content);
            }
            case 11 -> assertEquals(mapOf(key).get(mapKey), Bytes.text(map.get()));
            case 12 -> {
                map.delete();
                mapOf(key).remove(mapKey);
            }
            case 13 -> assertSameEntries();
            case 14 -> {
                map.clear();
                mapOf(key).clear();
            }
            case 15 -> assertEquals(mapOf(key).isEmpty(), map.isEmpty());
            case 16 -> addToBatch(key, mapKey, content);
            case 17 -> {
                long delta = random.nextLong();
                assertEquals(numbers.merge(key, delta, Long::sum), number.addLong(delta));
            }
            case 18 -> {
                DirectInput found = number.get();
                assertEquals(numbers.get(key), found == null ? null : (Long) found.readLong());
            }
            default -> {
                assertEquals(uncommitted.size(), batch.commit());
                uncommitted.forEach(Runnable::run);
                uncommitted.clear();
            }
        }
    }

    private void addToBatch(String key, String mapKey, String content) {
        session.value().writeUtf8(content);
        switch (random.nextInt(5)) {
            case 0 -> {
                batch.put(value);
                uncommitted.add(() -> values.put(key, content));
            }
            case 1 -> {
                batch.append(list);
                uncommitted.add(() -> append(key, content));
            }
            case 2 -> {
                batch.put(map);
                uncommitted.add(() -> mapOf(key).put(mapKey, content));
            }
            case 3 -> {
                batch.delete(map);
                uncommitted.add(() -> mapOf(key).remove(mapKey));
            }
            default -> {
                batch.delete(value);
                uncommitted.add(() -> values.remove(key));
            }
        }
    }

    private void append(String key, String element) {
        lists.merge(key, element, (before, added) -> before + "," + added);
    }

    private TreeMap<String, String> mapOf(String key) {
        return maps.computeIfAbsent(key, k -> new TreeMap<>());
    }

    private void assertSameEntries() {
        EntryCursor cursor = map.scan();
        for (Map.Entry<String, String> expected : mapOf(key).entrySet()) {
            assertEquals(true, cursor.next());
            assertEquals(expected.getKey(), Bytes.text(cursor.key()));
            assertEquals(expected.getValue(), Bytes.text(cursor.value()));
        }
        assertFalse(cursor.next());
    }
}
