package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ListStateTest extends StoreTest {
    private ListState list;

    @BeforeEach
    void openState() {
        list = session.listState("list");
        key("k");
    }

    @Test
    void elements_are_joined_by_commas_in_the_order_they_were_added() {
        assertNull(list.get());
        list.add(Bytes.of("one"));
        assertEquals("one", Bytes.text(list.get()));
        list.add(Bytes.direct(Bytes.of("two")));
        session.value().writeUtf8("three");
        list.add();
        assertEquals("one,two,three", Bytes.text(list.get()));
    }

    @Test
    void adding_the_same_value_again_adds_it_again() {
        session.value().writeUtf8("x");
        list.add();
        list.add();
        assertEquals("x,x", Bytes.text(list.get()));
    }

    @Test
    void empty_elements_keep_their_commas() {
        list.add(Bytes.of("a"));
        list.add(new byte[0]);
        list.add(Bytes.of("b"));
        assertEquals("a,,b", Bytes.text(list.get()));
    }

    @Test
    void a_put_replaces_the_whole_list_and_adding_goes_on_behind_it() {
        list.add(Bytes.of("old"));
        list.put(Bytes.of("new"));
        list.add(Bytes.of("more"));
        assertEquals("new,more", Bytes.text(list.get()));
    }

    @Test
    void a_deleted_list_begins_anew() {
        list.add(Bytes.of("old"));
        list.delete();
        assertFalse(list.contains());
        list.add(Bytes.of("new"));
        assertEquals("new", Bytes.text(list.get()));
    }

    @Test
    void lists_survive_a_flush_between_two_elements() {
        list.add(Bytes.of("a"));
        store.flush();
        list.add(Bytes.of("b"));
        store.flush();
        assertEquals("a,b", Bytes.text(list.get()));
    }

    @Test
    void a_list_may_outgrow_the_largest_value() {
        ByteBuffer element = ByteBuffer.allocate(50_000);
        for (int i = 0; i < 10; i++) {
            list.add(element.clear());
        }
        assertEquals(10 * 50_000 + 9, list.get().remaining());
    }

    @Override
    StoreOptionsBuilder options() {
        return super.options().maxValueBytes(50_000);
    }
}
