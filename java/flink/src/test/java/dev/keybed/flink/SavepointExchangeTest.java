package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.flink.Backends.Kind;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Canonical savepoints go from backend to backend and keep every entry, byte for byte. */
class SavepointExchangeTest {

    @ParameterizedTest
    @EnumSource(names = {"TABLE", "ROCKS"})
    void keysOfFixedSize(Kind keybed) throws Exception {
        exchange(keybed, LongSerializer.INSTANCE, i -> i * 1_000_003L);
    }

    @ParameterizedTest
    @EnumSource(names = {"TABLE", "ROCKS"})
    void keysOfAnySize(Kind keybed) throws Exception {
        exchange(keybed, StringSerializer.INSTANCE, i -> "k".repeat(i % 300) + i);
    }

    private static <K> void exchange(Kind keybed, TypeSerializer<K> keySerializer, IntFunction<K> keys) throws Exception {
        EveryState<K> state = new EveryState<>(keySerializer, keys, Backends.ALL);
        KeyedStateHandle handle = null;
        Map<String, String> entries = null;
        for (Kind kind : List.of(
                Kind.HEAP, keybed, Kind.ROCKSDB, keybed, keybed.otherTimers(), Kind.ROCKSDB, keybed.otherTimers(), keybed,
                Kind.HEAP, keybed, keybed)) {
            try (MockEnvironment environment = MockEnvironment.builder().build()) {
                AbstractKeyedStateBackend<K> backend = Backends.open(
                        kind, environment, keySerializer, handle == null ? List.of() : List.of(handle));
                try {
                    if (handle == null) {
                        state.write(backend);
                    }
                    state.check(backend);
                    handle = Backends.savepoint(backend);
                } finally {
                    backend.dispose();
                }
            }
            Map<String, String> written = Backends.entries(handle, keySerializer);
            if (entries != null) {
                assertEquals(entries, written, "written by " + kind);
            }
            entries = written;
            assertTrue(entries.size() > 1000, "entries: " + entries.size());
        }
    }
}
