package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class StateOpeningTest extends StoreTest {

    @Test
    void a_state_can_be_open_once_in_a_session() {
        session.valueState("state");
        String message = Expect.code(ErrorCode.STATE_ALREADY_OPEN, () -> session.valueState("state"));
        assertEquals(true, message.contains("state"), message);
        assertUsable();
    }

    @Test
    void a_state_can_be_open_in_several_sessions_and_they_see_each_other() {
        ValueState here = session.valueState("state");
        try (Session other = store.newSession()) {
            ValueState there = other.valueState("state");
            key("k");
            here.put(Bytes.of("v"));
            other.setKey(1, Bytes.of("k"));
            assertEquals("v", Bytes.text(there.get()));
        }
    }

    @Test
    void a_state_that_exists_with_another_kind_is_refused() {
        session.valueState("state");
        try (Session other = store.newSession()) {
            String message = Expect.code(ErrorCode.STATE_MISMATCH, () -> other.listState("state"));
            assertEquals(true, message.contains("value") && message.contains("list"), message);
            Expect.code(ErrorCode.STATE_MISMATCH, () -> other.mapState("state"));
            other.valueState("state");
        }
    }

    @Test
    void a_state_that_exists_with_another_namespace_is_refused() {
        session.valueState("state", PartSize.fixed(8));
        try (Session other = store.newSession()) {
            Expect.code(ErrorCode.STATE_MISMATCH, () -> other.valueState("state"));
            Expect.code(ErrorCode.STATE_MISMATCH, () -> other.valueState("state", PartSize.variable()));
            Expect.code(ErrorCode.STATE_MISMATCH, () -> other.valueState("state", PartSize.fixed(4)));
            other.valueState("state", PartSize.fixed(8));
        }
    }

    @Test
    void a_name_that_cannot_be_a_states_is_refused() {
        for (String name : new String[] {"", "\0", "a\nb", "x".repeat(256), "\u00e4".repeat(128)}) {
            Expect.code(ErrorCode.INVALID_ARGUMENT, () -> session.valueState(name));
        }
        assertEquals(List.of(), store.states());
    }

    @Test
    void a_name_that_is_not_valid_unicode_is_refused() {
        for (String name : new String[] {"\ud800", "a\udc00b", "\udc00\ud800", "\ud83d", "\ufffd"}) {
            Expect.code(ErrorCode.INVALID_ARGUMENT, () -> session.valueState(name));
        }
        assertEquals(List.of(), store.states());
        session.valueState("\ud83d\ude00");
        assertEquals("\ud83d\ude00", store.states().get(0).name());
    }

    @Test
    void the_store_lists_its_states_as_they_were_made() {
        session.valueState("value");
        session.listState("list", PartSize.fixed(4));
        session.mapState("\u6771\u4eac map %20", PartSize.variable());
        List<StateInfo> expected = List.of(
                new StateInfo("value", StateKind.VALUE, PartSize.none()),
                new StateInfo("list", StateKind.LIST, PartSize.fixed(4)),
                new StateInfo("\u6771\u4eac map %20", StateKind.MAP, PartSize.variable()));
        assertEquals(expected, store.states());
        session.close();
        store.close();
        openStore();
        assertEquals(expected, store.states());
    }

    @Test
    void a_state_knows_what_it_is() {
        MapState map = session.mapState("m");
        assertEquals("m", map.name());
        assertEquals(StateKind.MAP, map.kind());
        assertEquals(session, map.session());
    }

    @Test
    void a_state_of_another_session_is_refused() {
        try (Session other = store.newSession()) {
            ValueState foreign = other.valueState("state");
            key("k");
            session.value().writeInt(1);
            try (WriteBatch batch = session.newWriteBatch()) {
                Expect.code(ErrorCode.FOREIGN_HANDLE, () -> batch.put(foreign));
                assertEquals(0, batch.size());
            }
        }
    }
}
