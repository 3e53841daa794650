package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Through a store: only a session can make the outputs and inputs that the codec is for. */
class FileRecordCodecTest {
    private static final byte[] NAME = {'x'};

    private static final FileRecord ORDINARY = new FileRecord(
            0x0102030405060708L, 17, 4096, 1_700_000_000_123_456_789L, 1000, 100, 0644, 8, "jo", "users");
    /** Every number at an end of its range, names of nothing and of more than ASCII. */
    private static final FileRecord EXTREME = new FileRecord(
            -1, Long.MIN_VALUE, Long.MAX_VALUE, -1, -1, Integer.MIN_VALUE, 07777, 15, "", "größe\u0000\uD83D\uDE00");

    @TempDir
    Path directory;

    private EntryIndex index;

    @BeforeEach
    void open() {
        index = EntryIndex.create(directory, "rocks");
    }

    @AfterEach
    void close() {
        index.close();
    }

    private void put(FileRecord record) {
        index.select(1, NAME);
        FileRecordCodec.write(record, index.session().value());
        index.entries().put();
    }

    @Test
    void a_record_comes_back_as_it_was() {
        for (FileRecord record : new FileRecord[] {ORDINARY, EXTREME}) {
            put(record);
            assertEquals(record, index.find(1, NAME));
        }
    }

    @Test
    void single_fields_are_read_without_the_rest() {
        for (FileRecord record : new FileRecord[] {ORDINARY, EXTREME}) {
            put(record);
            assertEquals(record.inode(), FileRecordCodec.inode(index.get(1, NAME)));
            assertEquals(record.parent(), FileRecordCodec.parent(index.get(1, NAME)));
            assertEquals(record.type(), FileRecordCodec.type(index.get(1, NAME)));
        }
    }

    @Test
    void fields_lie_where_the_layout_says() {
        put(ORDINARY);
        byte[] bytes = index.entries().getBytes();
        assertEquals(43 + 2 + "jo".length() + 2 + "users".length(), bytes.length);
        assertEquals(1, bytes[0]);
        assertEquals(17, bytes[15]);
        assertEquals(0x10, bytes[22]);
        assertEquals(0644, (bytes[40] & 0xFF) << 8 | bytes[41] & 0xFF);
        assertEquals(8, bytes[42]);
        assertEquals(2, bytes[44]);
        assertEquals('j', bytes[45]);
    }

    @Test
    void bytes_that_are_not_exactly_one_record_are_damaged() {
        put(ORDINARY);
        byte[] whole = index.entries().getBytes();
        for (int length = 0; length <= whole.length + 1; length++) {
            if (length != whole.length) {
                index.select(1, NAME);
                index.entries().put(Arrays.copyOf(whole, length));
                assertThrows(DamagedRecordException.class, () -> index.find(1, NAME), length + " bytes");
            }
        }
    }

    @Test
    void an_entry_that_is_not_there_is_null() {
        assertNull(index.find(1, NAME));
    }
}
