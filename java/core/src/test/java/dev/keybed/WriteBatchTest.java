package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriteBatchTest extends StoreTest {
    private ValueState value;
    private ListState list;
    private MapState map;

    @BeforeEach
    void openStates() {
        value = session.valueState("value");
        list = session.listState("list");
        map = session.mapState("map");
    }

    @Test
    void writes_show_when_the_batch_is_committed_and_not_before() {
        try (WriteBatch batch = session.newWriteBatch()) {
            key("k");
            session.value().writeUtf8("v");
            batch.put(value);
            batch.append(list);
            batch.append(list);
            session.setMapKey("m");
            batch.put(map);
            assertEquals(4, batch.size());
            assertNull(value.get());
            assertNull(list.get());
            assertNull(map.get());
            assertEquals(4, batch.commit());
            assertEquals(0, batch.size());
            assertEquals("v", Bytes.text(value.get()));
            assertEquals("v,v", Bytes.text(list.get()));
            assertEquals("v", Bytes.text(map.get()));
        }
    }

    /** Whatever the batch does not own by now is overwritten between adding and committing. */
    @Test
    void adding_copies_key_and_value_at_once() {
        ValueState windows = session.valueState("windows", PartSize.variable());
        try (WriteBatch batch = session.newWriteBatch()) {
            for (int i = 0; i < 100; i++) {
                session.setKey(i, Bytes.of("key" + i));
                session.setNamespace(Bytes.of("ns" + i));
                session.value().writeUtf8("value" + i);
                batch.put(windows);
                scribble();
            }
            assertEquals(100, batch.commit());
        }
        for (int i = 0; i < 100; i++) {
            session.setKey(i, Bytes.of("key" + i));
            session.setNamespace(Bytes.of("ns" + i));
            assertEquals("value" + i, Bytes.text(windows.get()));
        }
    }

    /** Fills every shared buffer of the session: key, value, and a block buffer. */
    private void scribble() {
        byte[] filler = new byte[session.currentValue().capacity()];
        Arrays.fill(filler, (byte) 0xEE);
        session.value().write(filler);
        SharedBuffer block = session.blocks().take();
        for (ByteBuffer shared : List.of(session.currentKey().bytes(), block.bytes())) {
            shared.put(0, filler, 0, shared.capacity());
        }
        session.blocks().give(block);
    }

    @Test
    void a_batch_that_is_cleared_or_closed_changes_nothing() {
        key("k");
        try (WriteBatch batch = session.newWriteBatch()) {
            session.value().writeInt(1);
            batch.put(value);
            batch.clear();
            assertEquals(0, batch.size());
            assertEquals(0, batch.commit());
            session.value().writeInt(1);
            batch.put(value);
        }
        assertFalse(value.contains());
    }

    @Test
    void writes_take_effect_in_order() {
        key("k");
        value.put(Bytes.of("old"));
        try (WriteBatch batch = session.newWriteBatch()) {
            session.value().writeUtf8("1");
            batch.put(value);
            batch.delete(value);
            batch.delete(value);
            session.value().writeUtf8("2");
            batch.put(value);
            batch.append(list);
            batch.delete(list);
            batch.append(list);
            batch.commit();
        }
        assertEquals("2", Bytes.text(value.get()));
        assertEquals("2", Bytes.text(list.get()));
    }

    @Test
    void a_batch_can_be_used_again_and_again() {
        try (WriteBatch batch = session.newWriteBatch()) {
            for (int round = 0; round < 100; round++) {
                key("k" + round);
                session.value().writeInt(round);
                batch.put(value);
                assertEquals(1, batch.commit());
                assertEquals(round, value.get().readInt());
            }
        }
    }

    @Test
    void a_write_that_is_refused_is_not_in_the_batch() {
        try (WriteBatch batch = session.newWriteBatch()) {
            key("k");
            session.value().writeInt(1);
            batch.put(value);
            session.setKey(9999, Bytes.of("k"));
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> batch.put(value));
            Expect.code(ErrorCode.KEY_GROUP_OUT_OF_RANGE, () -> batch.delete(value));
            assertEquals(1, batch.size());
            assertEquals(1, batch.commit());
        }
        key("k");
        assertTrue(value.contains());
    }

    @Test
    void several_batches_can_be_open_and_many_one_after_another() {
        try (WriteBatch first = session.newWriteBatch();
                WriteBatch second = session.newWriteBatch()) {
            key("k");
            session.value().writeUtf8("first");
            first.put(value);
            session.value().writeUtf8("second");
            second.put(value);
            second.commit();
            assertEquals("second", Bytes.text(value.get()));
            first.commit();
            assertEquals("first", Bytes.text(value.get()));
        }
        for (int i = 0; i < 1_000; i++) {
            session.newWriteBatch().close();
        }
    }

    @Test
    void a_closed_batch_says_so() {
        WriteBatch batch = session.newWriteBatch();
        key("k");
        session.value().writeInt(1);
        batch.put(value);
        batch.close();
        batch.close();
        Expect.code(ErrorCode.CLOSED, () -> batch.put(value));
        Expect.code(ErrorCode.CLOSED, batch::commit);
        Expect.code(ErrorCode.CLOSED, batch::clear);
        assertEquals(0, batch.size());
        assertUsable();
    }

    @Test
    void a_batch_ends_with_its_session() {
        WriteBatch batch = session.newWriteBatch();
        session.close();
        Expect.code(ErrorCode.CLOSED, batch::commit);
        Expect.code(ErrorCode.CLOSED, () -> batch.delete(value));
        batch.close();
        Expect.code(ErrorCode.CLOSED, session::newWriteBatch);
    }
}
