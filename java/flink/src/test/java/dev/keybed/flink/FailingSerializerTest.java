package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keybed.KeybedArgumentException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.internal.InternalValueState;
import org.junit.jupiter.api.TestTemplate;

/** An access that fails in a serializer changes nothing, and the next one is right. */
class FailingSerializerTest extends AbstractBackendTest {
    private static final String POISON = PoisonedSerializer.POISON;

    @SuppressWarnings("unchecked")
    private InternalValueState<Long, String, String> named(String name) throws Exception {
        return (InternalValueState<Long, String, String>) backend.getPartitionedState(
                "a", PoisonedSerializer.INSTANCE, new ValueStateDescriptor<>(name, PoisonedSerializer.INSTANCE));
    }

    @TestTemplate
    void a_namespace_that_cannot_be_written_is_no_other_state_s() throws Exception {
        InternalValueState<Long, String, String> one = named("one");
        InternalValueState<Long, String, String> other = named("other");
        backend.setCurrentKey(1L);
        one.setCurrentNamespace("a");
        one.update("before");
        other.setCurrentNamespace(POISON);
        assertThrows(RuntimeException.class, () -> other.update("lost"));
        assertEquals("before", one.value());
        one.update("after");
        assertEquals("after", one.value());
        other.setCurrentNamespace("a");
        assertNull(other.value());
        backend.setCurrentKey(1L);
        assertEquals("after", one.value());
    }

    @TestTemplate
    void values_that_cannot_be_written_leave_what_was_there() throws Exception {
        ValueState<String> value = state(new ValueStateDescriptor<>("value", PoisonedSerializer.INSTANCE));
        ListState<String> list = state(new ListStateDescriptor<>("list", PoisonedSerializer.INSTANCE));
        MapState<String, String> map = state(
                new MapStateDescriptor<>("map", PoisonedSerializer.INSTANCE, PoisonedSerializer.INSTANCE));
        backend.setCurrentKey(1L);
        value.update("v");
        list.add("l");
        map.put("k", "m");
        assertThrows(Exception.class, () -> value.update(POISON));
        assertEquals("v", value.value());
        assertThrows(Exception.class, () -> list.addAll(List.of("x", POISON)));
        assertThrows(Exception.class, () -> list.update(List.of("x", POISON)));
        assertEquals(List.of("l"), list.get());
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("k", "x");
        entries.put("k2", POISON);
        assertThrows(Exception.class, () -> map.putAll(entries));
        assertThrows(Exception.class, () -> map.put(POISON, "x"));
        Map.Entry<String, String> entry = map.iterator().next();
        assertThrows(Exception.class, () -> entry.setValue(POISON));
        assertEquals("m", map.get("k"));
        assertFalse(map.contains("k2"));
        assertEquals("v", value.value());
    }

    @TestTemplate
    void a_part_of_the_key_that_is_too_large_leaves_the_next_access_right() throws Exception {
        MapState<String, String> map = state(
                new MapStateDescriptor<>("map", StringSerializer.INSTANCE, StringSerializer.INSTANCE));
        InternalValueState<Long, String, String> value = named("value");
        backend.setCurrentKey(1L);
        map.put("k", "m");
        value.setCurrentNamespace("a");
        value.update("v");
        String large = "x".repeat(2 << 20);
        assertThrows(KeybedArgumentException.class, () -> map.put(large, "lost"));
        assertEquals("m", map.get("k"));
        assertThrows(KeybedArgumentException.class, () -> map.putAll(Map.of(large, "lost")));
        assertEquals("m", map.get("k"));
        value.setCurrentNamespace(large);
        assertThrows(KeybedArgumentException.class, value::value);
        assertEquals("m", map.get("k"));
        value.setCurrentNamespace("a");
        assertEquals("v", value.value());
    }
}
