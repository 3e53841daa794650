package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Composite keys of FLINK stores are, byte for byte, what Flink writes. The vectors were read from Flink's backends. */
class CompositeKeyTest extends EngineTest {
    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /** The composite key of a map state (or, without a map key, of a value state). */
    private String compositeKey(
            int maxParallelism, PartSize keySize, PartSize namespaceSize, int group, String key, String ns, String mapKey) {
        StoreOptions options = engineOptions()
                .keyEncoding(KeyEncoding.FLINK)
                .maxParallelism(maxParallelism)
                .keySize(keySize)
                .build();
        try (Store store = Store.open(directory.resolve("store-" + System.nanoTime()), options);
                Session session = store.newSession()) {
            State state =
                    mapKey == null ? session.valueState("v", namespaceSize) : session.mapState("m", namespaceSize);
            session.setKey(group, bytes(key));
            session.setNamespace(bytes(ns));
            if (mapKey != null) {
                session.setMapKey(bytes(mapKey));
            }
            ByteBuffer target = ByteBuffer.allocateDirect(100).position(7);
            int length = session.compositeKey(state, target);
            assertEquals(7 + length, target.position());
            assertEquals(100, target.limit());
            return Bytes.hex(Bytes.remaining(target.flip().position(7)));
        }
    }

    @Test
    void a_key_of_fixed_size_with_a_void_namespace() {
        PartSize eight = PartSize.fixed(8);
        PartSize one = PartSize.fixed(1);
        assertEquals("1d000000000000002a00", compositeKey(128, eight, one, 29, "000000000000002a", "00", null));
        assertEquals(
                "1d000000000000002a00036162", compositeKey(128, eight, one, 29, "000000000000002a", "00", "036162"));
    }

    @Test
    void the_key_group_has_two_bytes_above_128_key_groups() {
        PartSize eight = PartSize.fixed(8);
        PartSize one = PartSize.fixed(1);
        assertEquals("003a000000000000002a00", compositeKey(129, eight, one, 58, "000000000000002a", "00", null));
        assertEquals(
                "003a000000000000002a00036162", compositeKey(129, eight, one, 58, "000000000000002a", "00", "036162"));
    }

    @Test
    void a_key_and_a_namespace_of_variable_size_carry_lengths() {
        PartSize variable = PartSize.variable();
        assertEquals("48046b657904036e7303", compositeKey(128, variable, variable, 72, "046b6579", "036e73", null));
        assertEquals(
                "48046b657904036e7303036162",
                compositeKey(128, variable, variable, 72, "046b6579", "036e73", "036162"));
    }

    @Test
    void a_key_of_variable_size_with_a_fixed_namespace_carries_no_length() {
        assertEquals(
                "48046b657900036162",
                compositeKey(128, PartSize.variable(), PartSize.fixed(1), 72, "046b6579", "00", "036162"));
    }

    @Test
    void the_target_is_any_buffer_that_is_writable_and_large_enough() {
        try (Store store = open(directory);
                Session session = store.newSession()) {
            ValueState state = session.valueState("v");
            session.setKey(1, bytes("0102030405"));
            for (ByteBuffer buffer : List.of(ByteBuffer.allocate(100), ByteBuffer.allocateDirect(100))) {
                Expect.code(
                        ErrorCode.READ_ONLY_BUFFER, () -> session.compositeKey(state, buffer.asReadOnlyBuffer()));
                ByteBuffer small = buffer.duplicate().position(3).limit(10);
                String message = Expect.code(ErrorCode.BUFFER_TOO_SMALL, () -> session.compositeKey(state, small));
                assertTrue(message.contains("8 bytes"), message);
                assertEquals(List.of(3, 10), List.of(small.position(), small.limit()));
                assertEquals(ByteBuffer.allocate(100), buffer);

                ByteBuffer slice = buffer.position(50).slice().order(ByteOrder.LITTLE_ENDIAN).limit(20);
                assertEquals(8, session.compositeKey(state, slice));
                assertEquals(List.of(8, 20), List.of(slice.position(), slice.limit()));
                assertEquals("0101020304050000", Bytes.hex(Bytes.remaining(slice.flip())));
                assertEquals(ByteOrder.LITTLE_ENDIAN, slice.order());
            }
        }
    }

    @Test
    void a_key_larger_than_a_block_buffer_is_composed_in_full() {
        StoreOptions options = engineOptions().maxKeyBytes(1 << 20).build();
        try (Store store = Store.open(directory, options);
                Session session = store.newSession()) {
            MapState state = session.mapState("m");
            session.setKey(1, bytes("01"));
            byte[] mapKey = Bytes.random(500_000, 1);
            session.setMapKey(mapKey);
            ByteBuffer target = ByteBuffer.allocate(1 << 20);
            int length = session.compositeKey(state, target);
            assertEquals(
                    ByteBuffer.wrap(mapKey), target.duplicate().limit(length).position(length - mapKey.length));
            state.put(bytes("aa"));
            assertEquals("aa", Bytes.hex(state.getBytes()));
        }
    }

    @Test
    void a_buffer_of_a_closed_arena_is_an_exception() throws ReflectiveOperationException {
        ByteBuffer freed = bufferOfClosedArena();
        try (Store store = open(directory);
                Session session = store.newSession()) {
            ValueState state = session.valueState("v");
            session.setKey(1, bytes("01"));
            assertThrows(IllegalStateException.class, () -> session.compositeKey(state, freed));
            assertEquals(4, session.compositeKey(state, ByteBuffer.allocate(100)));
        }
    }

    /** {@code Arena.ofConfined()}, {@code allocate(100).asByteBuffer()}, {@code close()}: final since Java 22. */
    private static ByteBuffer bufferOfClosedArena() throws ReflectiveOperationException {
        Assumptions.assumeTrue(Runtime.version().feature() >= 22, "this Java has no arenas");
        Class<?> type = Class.forName("java.lang.foreign.Arena");
        Object arena = type.getMethod("ofConfined").invoke(null);
        Object segment = type.getMethod("allocate", long.class, long.class).invoke(arena, 100L, 1L);
        Object buffer = Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer").invoke(segment);
        type.getMethod("close").invoke(arena);
        return (ByteBuffer) buffer;
    }

    @Test
    void the_current_key_stays_current() {
        try (Store store = open(directory);
                Session session = store.newSession()) {
            ValueState state = session.valueState("v");
            session.setKey(1, bytes("01"));
            state.put(bytes("aa"));
            session.compositeKey(state, ByteBuffer.allocateDirect(100));
            assertEquals("aa", Bytes.hex(state.getBytes()));
            session.setKey(1, bytes("02"));
            session.compositeKey(state, ByteBuffer.allocateDirect(100));
            state.put(bytes("bb"));
            session.setKey(1, bytes("01"));
            assertEquals("aa", Bytes.hex(state.getBytes()));
        }
    }
}
