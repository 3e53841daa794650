package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What callers must not be able to reach. */
class PublicApiTest {
    private static final List<Class<?>> TYPES = List.of(
            Session.class, State.class, ValueState.class, ListState.class, MapState.class, EntryCursor.class, Block.class,
            MultiGet.class, WriteBatch.class, DirectInput.class, DirectOutput.class, Store.class,
            Snapshot.class, SnapshotStream.class, StoredSnapshot.class, StoredCursor.class, SnapshotSeries.class,
            PreparedSnapshot.class);

    /** Native code works on them at addresses it keeps: nobody else may write there, or make a view of them. */
    @Test
    void no_buffer_that_native_code_sees_is_handed_out() {
        List<Member> found = new ArrayList<>();
        for (Class<?> type : TYPES) {
            for (Method method : type.getDeclaredMethods()) {
                if (isReachable(method) && mayBeBuffer(method.getReturnType())) {
                    found.add(method);
                }
            }
            for (Field field : type.getDeclaredFields()) {
                if (isReachable(field) && mayBeBuffer(field.getType())) {
                    found.add(field);
                }
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void the_classes_that_hold_buffers_are_not_public() {
        for (Class<?> type : List.of(SharedBuffer.class, BlockBuffers.class, BlockParts.class, KeyComposer.class, NativeSession.class,
                BlockSource.class, NativeBlocks.class)) {
            assertEquals(0, type.getModifiers() & Modifier.PUBLIC, type::getName);
        }
    }

    private static boolean isReachable(Member member) {
        return (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0;
    }

    private static boolean mayBeBuffer(Class<?> type) {
        return Buffer.class.isAssignableFrom(type) || type == SharedBuffer.class || type == Object.class;
    }
}
