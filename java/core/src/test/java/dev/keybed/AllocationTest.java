package dev.keybed;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hot path allocates nothing on the Java heap once it is warm. */
class AllocationTest extends StoreTest {
    private static final int KEYS = 1_000;

    private ValueState value;
    private ListState list;
    private MapState map;
    private long sum;

    @BeforeEach
    void fill() {
        value = session.valueState("value");
        list = session.listState("list");
        map = session.mapState("map");
        for (int i = 0; i < KEYS; i++) {
            session.setKey(i % 128, (long) i);
            session.value().writeLong(i);
            value.put();
        }
        session.setKey(0, 1L);
        for (int i = 0; i < 500; i++) {
            session.setMapKey((long) i);
            map.put();
        }
    }

    private static void assertAllocatesNothing(Allocation.Operation operation) {
        Allocation.assertNone(operation);
    }

    @Test
    void setting_a_key_and_getting() {
        assertAllocatesNothing(i -> {
            session.setKey(i % KEYS % 128, (long) (i % KEYS));
            sum += value.get().readLong();
        });
    }

    @Test
    void getting_what_is_absent() {
        assertAllocatesNothing(i -> {
            session.setKey(1, i + 1_000_000L);
            sum += value.get() == null ? 1 : 0;
        });
    }

    @Test
    void getting_into_a_buffer_of_the_caller() {
        ByteBuffer direct = ByteBuffer.allocateDirect(8);
        ByteBuffer heap = ByteBuffer.allocate(8);
        assertAllocatesNothing(i -> {
            session.setKey(i % KEYS % 128, (long) (i % KEYS));
            sum += value.get(direct.clear());
            sum += value.get(heap.clear());
        });
    }

    @Test
    void putting() {
        byte[] bytes = new byte[8];
        ByteBuffer buffer = ByteBuffer.allocateDirect(8);
        assertAllocatesNothing(i -> {
            session.setKey(i % KEYS % 128, (long) (i % KEYS));
            session.value().writeLong(i);
            value.put();
            value.put(bytes);
            value.put(buffer.clear());
        });
    }

    @Test
    void reading_modifying_and_writing() {
        assertAllocatesNothing(i -> {
            session.setKey(i % KEYS % 128, (long) (i % KEYS));
            long number = value.get().readLong();
            session.value().writeLong(number + 1);
            value.put();
        });
    }

    @Test
    void adding() {
        assertAllocatesNothing(i -> {
            session.setKey(i % KEYS % 128, (long) (i % KEYS));
            sum += value.addLong(i);
            session.setMapKey((long) (i % 500));
            sum += map.addLong(1);
        });
    }

    @Test
    void appending() {
        assertAllocatesNothing(i -> {
            session.setKey(i % 128, (long) i);
            session.value().writeLong(i);
            list.add();
        });
    }

    @Test
    void contains_and_delete() {
        assertAllocatesNothing(i -> {
            session.setKey(1, (long) i);
            sum += value.contains() ? 1 : 0;
            value.delete();
        });
    }

    @Test
    void map_entries_by_long_and_by_string() {
        String[] names = {"a", "an ascii name", "\u00e4\u00f6\u00fc \u6771\u4eac \ud83d\ude00"};
        assertAllocatesNothing(i -> {
            session.setKey(2, (long) (i % KEYS));
            session.setMapKey((long) (i % 16));
            session.value().writeInt(i);
            map.put();
            session.setMapKey(names[i % names.length]);
            sum += map.contains() ? 1 : 0;
            sum += map.isEmpty() ? 1 : 0;
        });
    }

    @Test
    void scanning_whole_maps_entry_by_entry() {
        session.setKey(0, 1L);
        EntryCursor[] cursor = {map.scan()};
        assertAllocatesNothing(i -> {
            if (!cursor[0].next()) {
                session.setKey(0, 1L);
                cursor[0] = map.scan();
                return;
            }
            sum += cursor[0].key().readLong() + cursor[0].value().readLong();
        });
    }

    @Test
    void blocks_and_slices_of_them_read_and_written() throws IOException {
        session.setKey(0, 1L);
        EntryCursor cursor = map.newCursor();
        Block block = cursor.seek().nextBlock();
        try (FileChannel file = FileChannel.open(directory.resolve("blocks"), CREATE, WRITE)) {
            assertAllocatesNothing(i -> {
                int from = i % (block.size() - 10);
                Block slice = block.slice(from, from + 10);
                sum += slice.key(i % 10).readLong() + slice.value(i % 10).readLong();
                // The file system's part is not measured more often than it takes.
                if (i % 64 == 0) {
                    write(file, slice);
                }
                sum += slice.sizeInBytes();
            });
        }
        assertAllocatesNothing(i -> {
            session.setKey(0, 1L);
            for (Block each = cursor.seek().nextBlock(); each != null; each = cursor.nextBlock()) {
                sum += each.size();
            }
        });
        cursor.close();
    }

    private void write(FileChannel file, Block block) {
        try {
            file.position(0);
            sum += block.writeTo(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void multi_gets() {
        try (MultiGet get = value.newMultiGet()) {
            assertAllocatesNothing(i -> {
                session.setKey(i % KEYS % 128, (long) (i % KEYS));
                get.add();
                if (get.size() == 16) {
                    get.execute();
                    for (int n = 0; n < 16; n++) {
                        sum += get.found(n) ? get.value(n).readLong() : 0;
                    }
                    get.clear();
                }
            });
        }
    }

    @Test
    void write_batches() {
        try (WriteBatch batch = session.newWriteBatch()) {
            assertAllocatesNothing(i -> {
                session.setKey(i % KEYS % 128, (long) (i % KEYS));
                session.value().writeLong(i);
                batch.put(value);
                batch.append(list);
                batch.delete(list);
                if (batch.size() > 90) {
                    sum += batch.commit();
                }
            });
        }
    }
}
