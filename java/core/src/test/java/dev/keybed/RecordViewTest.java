package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.records.Acl;
import dev.keybed.records.AclScope;
import dev.keybed.records.AllKinds;
import dev.keybed.records.DirectoryInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Views of records: what they wrap, how long, and what misuse gives. */
class RecordViewTest extends StoreTest {
    private final DirectoryInfo info = new DirectoryInfo();

    private static byte[] dump(String name) {
        try (InputStream in = RecordViewTest.class.getResourceAsStream("/records/" + name + ".bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] sample() {
        return dump("DirectoryInfo.sample");
    }

    @Test
    void a_view_of_nothing_yet() {
        Expect.code(ErrorCode.CURSOR_INVALID, info::objectId);
        Expect.code(ErrorCode.CURSOR_INVALID, info::name);
        Expect.code(ErrorCode.CURSOR_INVALID, () -> info.acls(0));
        RecordBytes bytes = new RecordBytes();
        assertEquals(0, bytes.length());
        assertEquals("", bytes.toString());
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.byteAt(0));
    }

    @Test
    void a_range_that_is_not_in_the_array_or_buffer() {
        byte[] bytes = sample();
        assertThrows(IndexOutOfBoundsException.class, () -> info.wrap(bytes, 1, bytes.length));
        assertThrows(IndexOutOfBoundsException.class, () -> info.wrap(bytes, -1, 1));
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 10).put(bytes).flip();
        assertThrows(IndexOutOfBoundsException.class, () -> info.wrap(buffer, 1, bytes.length), "beyond the limit");
    }

    @Test
    void a_view_that_could_not_be_moved_stays_where_it_is() {
        info.wrap(sample());
        Expect.code(ErrorCode.CORRUPTION, () -> info.wrap(new byte[75]));
        Expect.code(ErrorCode.CORRUPTION, () -> info.wrap(ByteBuffer.allocateDirect(75)));
        assertEquals(1_234_567_890L, info.objectId());
        info.wrap(ByteBuffer.allocateDirect(164).put(sample()).flip());
        Expect.code(ErrorCode.CORRUPTION, () -> info.wrap(new byte[75]));
        assertEquals(1_234_567_890L, info.objectId());
    }

    @Test
    void elements_that_are_not_there() {
        info.wrap(sample());
        for (int index : new int[] {-1, 2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> info.acls(index));
        }
        AllKinds kinds = new AllKinds();
        kinds.wrap(dump("AllKinds.bare"));
        assertThrows(IndexOutOfBoundsException.class, () -> kinds.u64s(0));
        String message = assertThrows(NoSuchElementException.class, kinds::maybeU64).getMessage();
        assertEquals("maybe_u64 is absent", message);
        assertEquals(5, kinds.maybeU64Or(5));
        assertNull(kinds.maybeText());
        assertNull(kinds.maybePart());
        assertFalse(kinds.maybeTextEquals(""));
    }

    @Test
    void a_string_that_is_not_utf8() {
        byte[] bytes = sample();
        bytes[3] = (byte) 0xC3;
        info.wrap(bytes);
        Expect.code(ErrorCode.CORRUPTION, info::name);
        assertFalse(info.nameEquals("/abcdefghifklmno"));
        assertEquals("sodonnell", info.owner());
        assertEquals(16, info.name(new RecordBytes()).length(), "bytes are not decoded");
        RecordBytes name = info.name(new RecordBytes());
        Expect.code(ErrorCode.CORRUPTION, name::toString);
    }

    /** Of all kinds bare, whose bytes are the record alone; the places are those of the generated accessors. */
    @Test
    void tags_and_booleans_and_lengths_that_cannot_be() {
        byte[] bare = dump("AllKinds.bare");
        AllKinds kinds = new AllKinds();
        for (int tag : new int[] {2, 0x80, 0xFF}) {
            byte[] bytes = bare.clone();
            bytes[42] = (byte) tag;
            kinds.wrap(bytes);
            Expect.code(ErrorCode.CORRUPTION, kinds::final_);
            bytes = bare.clone();
            bytes[43] = (byte) (tag + 2);
            kinds.wrap(bytes);
            Expect.code(ErrorCode.CORRUPTION, kinds::colour);
            bytes = bare.clone();
            bytes[83] = (byte) tag;
            kinds.wrap(bytes);
            Expect.code(ErrorCode.CORRUPTION, kinds::hasMaybeU8);
            Expect.code(ErrorCode.CORRUPTION, () -> kinds.maybeU8Or(1));
        }
        // Five bytes that are elsewhere, though five would fit here.
        byte[] bytes = bare.clone();
        bytes[44] = (byte) 0x85;
        Arrays.fill(bytes, 45, 52, (byte) 0);
        kinds.wrap(bytes);
        Expect.code(ErrorCode.CORRUPTION, kinds::text_);
        Expect.code(ErrorCode.CORRUPTION, () -> kinds.text_Equals("?"));
    }

    @Test
    void half_a_pair_equals_nothing() {
        byte[] bytes = dump("DirectoryInfo.names");
        info.wrap(bytes);
        assertTrue(info.ownerEquals("\ud83d\ude00\ud83d\ude00"));
        assertFalse(info.ownerEquals("\ud83d\ude00\ud83d"));
        assertFalse(info.ownerEquals("\ud83d\ude00\ude00\ud83d"));
        assertTrue(info.ownerEquals(new StringBuilder("\ud83d\ude00\ud83d\ude00")));
    }

    @Test
    void strings_where_they_lie() {
        info.wrap(sample());
        RecordBytes name = info.name(new RecordBytes());
        RecordBytes other = info.acls(0).name(new RecordBytes());
        RecordBytes same = info.acls(1).name(new RecordBytes());
        assertTrue(other.contentEquals(same));
        assertFalse(other.contentEquals(name));
        assertEquals(0, other.compareTo(same));
        assertTrue(name.compareTo(other) < 0);
        assertTrue(other.compareTo(name) > 0);
        assertEquals('/', name.byteAt(0));
        assertThrows(IndexOutOfBoundsException.class, () -> name.byteAt(16));
        byte[] target = new byte[20];
        assertEquals(16, name.copyTo(target, 4));
        assertEquals("/abcdefghifklmno", new String(target, 4, 16, StandardCharsets.UTF_8));
        assertThrows(IndexOutOfBoundsException.class, () -> name.copyTo(target, 5));
        assertTrue(name.contentEquals("/abcdefghifklmno"));
        assertEquals("/abcdefghifklmno", name.toString());
        assertArrayEquals("otheruser".getBytes(StandardCharsets.UTF_8), other.toByteArray());
    }

    @Test
    void a_nested_view_stays_when_the_outer_one_moves() {
        info.wrap(ByteBuffer.allocateDirect(164).put(sample()).flip());
        Acl acl = info.acls(1, new Acl());
        assertSame(info.acls(0), info.acls(1), "its own view is one");
        info.wrap(dump("DirectoryInfo.bare"));
        assertEquals(AclScope.ACCESS, acl.scope());
        assertEquals("otheruser", acl.name());
        byte[] bytes = new byte[14];
        acl.wrap(bytes);
        assertEquals(0, acl.permissions());
    }

    @Test
    void what_a_state_has_shown_is_read_where_it_is_as_long_as_it_is_shown() {
        ValueState state = session.valueState("directories");
        session.setKey(1, 1L);
        state.put(sample());
        session.setKey(2, 2L);
        state.put(dump("DirectoryInfo.names"));

        session.setKey(1, 1L);
        info.wrap(state.get());
        Acl acl = info.acls(0, new Acl());
        RecordBytes name = info.name(new RecordBytes());
        assertEquals(1_234_567_890L, info.objectId());
        assertTrue(name.contentEquals("/abcdefghifklmno"));
        session.setKey(2, 2L);
        DirectInput found = state.get();
        Expect.code(ErrorCode.CURSOR_INVALID, info::objectId);
        Expect.code(ErrorCode.CURSOR_INVALID, acl::name);
        Expect.code(ErrorCode.CURSOR_INVALID, name::toString);
        info.wrap(found);
        assertEquals("\ud83d\ude00\ud83d\ude00", info.owner());
        found.skip(1);
        assertEquals("\ud83d\ude00\ud83d\ude00", info.owner(), "reading on moves nothing");
        session.close();
        Expect.code(ErrorCode.CURSOR_INVALID, info::owner);
        Expect.code(ErrorCode.CURSOR_INVALID, () -> info.wrap(found));
    }

    @Test
    void what_is_left_of_a_value_is_the_record() {
        ValueState state = session.valueState("versioned");
        byte[] bytes = sample();
        session.setKey(1, 1L);
        DirectOutput value = session.value();
        value.writeByte(7);
        value.write(bytes, 0, bytes.length);
        state.put();
        DirectInput found = state.get();
        assertEquals(7, found.readByte());
        info.wrap(found);
        assertEquals("hadoop-read-write", info.group());
    }

    @Test
    void reading_a_field_or_comparing_a_string_allocates_nothing() {
        byte[] array = sample();
        ByteBuffer direct = ByteBuffer.allocateDirect(200).put(20, array);
        byte[] utf8 = "/abcdefghifklmno".getBytes(StandardCharsets.UTF_8);
        RecordBytes name = new RecordBytes();
        RecordBytes other = new RecordBytes();
        Acl acl = new Acl();
        long[] sum = {0};
        for (boolean inArray : new boolean[] {true, false}) {
            Allocation.assertNone(i -> {
                if (inArray) {
                    info.wrap(array);
                } else {
                    info.wrap(direct, 20, array.length);
                }
                sum[0] += info.objectId() + info.permissions() + info.aclsSize();
                sum[0] += info.nameEquals(utf8) ? 1 : 0;
                sum[0] += info.nameEquals("/abcdefghifklmno") ? 1 : 0;
                sum[0] += info.name(name).length() + name.compareTo(info.owner(other));
                sum[0] += name.contentEquals(other) ? 1 : 0;
                sum[0] += info.acls(i & 1).permissions() + info.acls(i & 1, acl).scope().tag() + acl.type().tag();
            });
        }
        assertTrue(sum[0] > 0);
    }

    @Test
    void reading_what_a_state_shows_allocates_nothing() {
        ValueState state = session.valueState("directories");
        session.setKey(1, 1L);
        state.put(sample());
        long[] sum = {0};
        Allocation.assertNone(i -> {
            session.setKey(1, 1L);
            info.wrap(state.get());
            sum[0] += info.objectId() + (info.ownerEquals("sodonnell") ? 1 : 0) + info.acls(1).permissions();
        });
        assertTrue(sum[0] > 0);
    }

    @Test
    void optional_and_listed_fields_allocate_nothing() {
        byte[] array = dump("AllKinds.full");
        ByteBuffer direct = ByteBuffer.allocateDirect(array.length).put(array).flip();
        AllKinds kinds = new AllKinds();
        RecordBytes bytes = new RecordBytes();
        byte[] raw = {1, 2, 3};
        double[] sum = {0};
        for (boolean inArray : new boolean[] {true, false}) {
            Allocation.assertNone(i -> {
                if (inArray) {
                    kinds.wrap(array);
                } else {
                    kinds.wrap(direct);
                }
                sum[0] += kinds.class_() + kinds.size_() + kinds.number32() + kinds.real32() + kinds.real64();
                sum[0] += kinds.maybeU8() + kinds.maybeU64Or(1) + kinds.maybeF64() + (kinds.maybeBool() ? 1 : 0);
                sum[0] += kinds.maybeColour().tag() + kinds.colour().tag() + kinds.colours(0).tag();
                sum[0] += kinds.u64s(1) + kinds.i8s(0) + kinds.bytes_(bytes).length() + kinds.parts(1).id();
                sum[0] += kinds.maybeTextEquals("nine byte") && kinds.blobsEquals(1, raw) ? 1 : 0;
                sum[0] += kinds.textsEquals(2, "and one that is not inline") && kinds.part().noteEquals("?") ? 1 : 0;
                sum[0] += kinds.maybePart().weight();
            });
        }
        assertTrue(sum[0] != 0);
    }
}
