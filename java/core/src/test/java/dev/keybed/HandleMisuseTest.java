package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The native check of handles, behind the early one in Java: stale, foreign and wrongly typed handles are told apart. */
class HandleMisuseTest extends StoreTest {

    private static void assertResult(ErrorCode code, int result) {
        assertTrue(result < -1, () -> "result " + result);
        Expect.code(code, () -> {
            throw Errors.ofResult(result);
        });
    }

    @Test
    void a_stale_session_is_closed_even_when_its_slot_has_been_used_again() {
        long stale = NativeStore.session(nativeStore());
        NativeSession.close(stale, false);
        assertResult(ErrorCode.CLOSED, NativeSession.get(stale, 0, 1, 1, 0, 0));
        for (int i = 0; i < 1_000; i++) {
            long next = NativeStore.session(nativeStore());
            assertTrue(next != stale);
            assertResult(ErrorCode.CLOSED, NativeSession.batchCreate(stale));
            NativeSession.close(next, false);
        }
        NativeSession.close(stale, false);
        Expect.code(ErrorCode.CLOSED, () -> NativeSession.openState(stale, "s", 0, 0));
        assertUsable();
    }

    @Test
    void a_handle_that_was_never_given_out_is_foreign() {
        for (long foreign : new long[] {0, -1, 1, 0x7fff_ffff_ffff_ffffL, Long.MIN_VALUE}) {
            assertResult(ErrorCode.FOREIGN_HANDLE, NativeSession.get(foreign, 0, 1, 1, 0, 0));
            Expect.code(ErrorCode.FOREIGN_HANDLE, () -> NativeSession.close(foreign, true));
            Expect.code(ErrorCode.FOREIGN_HANDLE, () -> NativeStore.close(foreign));
            Expect.code(ErrorCode.FOREIGN_HANDLE, () -> NativeStore.session(foreign));
        }
        assertUsable();
    }

    @Test
    void a_handle_of_another_type_is_foreign() {
        assertResult(ErrorCode.FOREIGN_HANDLE, NativeSession.get(nativeStore(), 0, 1, 1, 0, 0));
        Expect.code(ErrorCode.FOREIGN_HANDLE, () -> NativeStore.flush(session.nativeHandle()));
        Expect.code(ErrorCode.FOREIGN_HANDLE, () -> NativeStore.close(session.nativeHandle()));
        Expect.code(ErrorCode.FOREIGN_HANDLE, () -> NativeSession.close(nativeStore(), true));
        assertUsable();
    }

    @Test
    void a_state_of_another_session_is_foreign() {
        try (Session other = store.newSession()) {
            other.valueState("first");
            ValueState theirs = other.valueState("second");
            ValueState mine = session.valueState("first");
            key("k");
            mine.put(Bytes.of("v"));
            assertResult(
                    ErrorCode.FOREIGN_HANDLE, NativeSession.get(session.nativeHandle(), theirs.id(), 1, ~1, 0, 0));
            assertEquals("v", Bytes.text(mine.get()));
        }
    }

    @Test
    void operations_of_another_kind_of_state_are_refused() {
        ValueState value = session.valueState("v");
        key("k");
        session.value().writeInt(1);
        value.put();
        long handle = session.nativeHandle();
        assertResult(ErrorCode.WRONG_STATE_KIND, NativeSession.append(handle, value.id(), 1, ~1, 0, 0, 4));
        assertResult(ErrorCode.WRONG_STATE_KIND, NativeSession.get(handle, value.id(), 1, 1, 0, 1));
        int list = session.listState("l").id();
        assertResult(ErrorCode.WRONG_STATE_KIND, NativeSession.addLong(handle, list, 1, ~1, 0, 0, 1));
        assertUsable();
    }

    /** The handle that the store keeps to itself. */
    private long nativeStore() {
        return store.nativeHandle();
    }
}
