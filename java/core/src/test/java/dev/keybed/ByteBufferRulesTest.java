package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Position to limit is what is read and where is written; the position advances over what was read; the limit marks the
 * end of what was written; the byte order is the caller's own.
 */
class ByteBufferRulesTest extends StoreTest {
    private static final byte[] VALUE = Bytes.of("the value");

    private ValueState state;

    @BeforeEach
    void openState() {
        state = session.valueState("value");
        key("k");
    }

    /** Buffers of a capacity, of every making. */
    static Stream<Named<IntFunction<ByteBuffer>>> makings() {
        return Stream.of(
                Named.of("heap", ByteBuffer::allocate),
                Named.of("direct", ByteBuffer::allocateDirect),
                Named.of("heap slice", n -> ByteBuffer.allocate(n + 7).position(3).limit(n + 3).slice()),
                Named.of("direct slice", n -> ByteBuffer.allocateDirect(n + 7).position(3).limit(n + 3).slice()),
                Named.of("heap with offset", n -> ByteBuffer.wrap(new byte[n + 9], 5, n).slice()),
                Named.of("duplicate", n -> ByteBuffer.allocateDirect(n).duplicate()));
    }

    @ParameterizedTest
    @MethodSource("makings")
    void a_source_is_read_from_position_to_limit_and_advanced(IntFunction<ByteBuffer> making) {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer source = making.apply(20).order(order);
            source.put(4, VALUE).position(4).limit(4 + VALUE.length);
            state.put(source);
            assertArrayEquals(VALUE, state.getBytes());
            assertEquals(4 + VALUE.length, source.position());
            assertEquals(4 + VALUE.length, source.limit());
            assertEquals(order, source.order());
        }
    }

    @ParameterizedTest
    @MethodSource("makings")
    void a_target_is_written_at_its_position_and_its_limit_marks_the_end(IntFunction<ByteBuffer> making) {
        state.put(VALUE);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer target = making.apply(20).order(order);
            target.position(5);
            assertEquals(VALUE.length, state.get(target));
            assertEquals(5, target.position());
            assertEquals(5 + VALUE.length, target.limit());
            assertEquals(order, target.order());
            assertArrayEquals(VALUE, Bytes.remaining(target));
            // Nothing in front of the position or behind the limit.
            target.clear();
            assertArrayEquals(new byte[5], Bytes.remaining(target.slice(0, 5)));
            assertArrayEquals(new byte[6], Bytes.remaining(target.slice(14, 6)));
        }
    }

    @ParameterizedTest
    @MethodSource("makings")
    void a_target_that_is_too_small_is_untouched_and_the_message_says_what_is_needed(IntFunction<ByteBuffer> making) {
        state.put(VALUE);
        ByteBuffer target = making.apply(20).position(12).limit(20);
        String message = Expect.code(ErrorCode.BUFFER_TOO_SMALL, () -> state.get(target));
        assertEquals(true, message.contains(Integer.toString(VALUE.length)), message);
        assertEquals(12, target.position());
        assertEquals(20, target.limit());
        assertArrayEquals(new byte[20], Bytes.remaining(target.clear()));
    }

    @Test
    void an_absent_value_leaves_the_target_untouched() {
        ByteBuffer target = ByteBuffer.allocateDirect(8).position(2).limit(6);
        state.delete();
        assertEquals(-1, state.get(target));
        assertEquals(2, target.position());
        assertEquals(6, target.limit());
    }

    @Test
    void a_read_only_buffer_can_be_a_source_but_not_a_target() {
        for (ByteBuffer buffer : new ByteBuffer[] {Bytes.direct(VALUE), ByteBuffer.wrap(VALUE)}) {
            ByteBuffer readOnly = buffer.asReadOnlyBuffer();
            state.put(readOnly);
            assertEquals(readOnly.limit(), readOnly.position());
            assertArrayEquals(VALUE, state.getBytes());
            readOnly.rewind();
            Expect.code(ErrorCode.READ_ONLY_BUFFER, () -> state.get(readOnly));
        }
    }

    @Test
    void a_source_that_was_refused_keeps_its_position() {
        ValueState fixed = session.valueState("fixed", PartSize.fixed(8));
        ByteBuffer source = ByteBuffer.wrap(VALUE);
        Expect.code(ErrorCode.KEY_PART_LENGTH, () -> fixed.put(source));
        assertEquals(0, source.position());
    }

    @Test
    void keys_and_namespaces_follow_the_same_rules() {
        ValueState windows = session.valueState("windows", PartSize.variable());
        ByteBuffer key = Bytes.direct(Bytes.of("..key..")).order(ByteOrder.LITTLE_ENDIAN).position(2).limit(5);
        ByteBuffer namespace = ByteBuffer.wrap(Bytes.of(".ns")).asReadOnlyBuffer().position(1);
        session.setKey(1, key);
        session.setNamespace(namespace);
        assertEquals(5, key.position());
        assertEquals(3, namespace.position());
        assertEquals(ByteOrder.LITTLE_ENDIAN, key.order());
        windows.put(VALUE);

        session.setKey(1, Bytes.of("key"));
        session.setNamespace(Bytes.of("ns"));
        assertArrayEquals(VALUE, windows.getBytes());
    }

    @Test
    void outputs_and_inputs_follow_the_same_rules() {
        ByteBuffer source = Bytes.direct(Bytes.of("..value..")).position(2).limit(7);
        session.value().write(source);
        assertEquals(7, source.position());
        state.put();
        ByteBuffer target = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).position(1).limit(4);
        DirectInput in = state.get();
        assertEquals(3, in.read(target));
        assertEquals(4, target.position());
        assertEquals(2, in.remaining());
        assertEquals(0, in.read(target));
        assertEquals(2, in.read(target.limit(10)));
        assertEquals("value", Bytes.text(Bytes.remaining(target.flip().position(1))));
    }
}
