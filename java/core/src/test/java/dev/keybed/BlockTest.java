package dev.keybed;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.WritableByteChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockTest extends StoreTest {
    private static final int ENTRIES = 25;

    private MapState map;

    @BeforeEach
    void openState() {
        map = session.mapState("map");
        fill("differ", ENTRIES, 3);
        fill("same", ENTRIES, 0);
        fill("many", 20_000, 7);
    }

    /** Values that grow by {@code growth} bytes from one to the next, up to ten times. */
    private void fill(String key, int entries, int growth) {
        key(key);
        for (int i = 0; i < entries; i++) {
            session.setMapKey((long) i);
            DirectOutput value = session.value();
            value.writeInt(i);
            value.write(new byte[i % 11 * growth]);
            map.put();
        }
    }

    private Block blockOf(String key) {
        key(key);
        return map.scan().nextBlock();
    }

    /** All of a block, read by number. */
    private static List<String> entries(Block block) {
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < block.size(); i++) {
            entries.add(Arrays.toString(block.key(i).readRemaining()) + Arrays.toString(block.value(i).readRemaining()));
        }
        return entries;
    }

    private static byte[] written(Block block) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            assertEquals(block.sizeInBytes(), block.writeTo(Channels.newChannel(out)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertEquals(block.sizeInBytes(), out.size());
        return out.toByteArray();
    }

    @Test
    void a_cursor_gives_its_entries_by_blocks() {
        key("many");
        EntryCursor cursor = map.scan();
        long expected = 0;
        boolean more = true;
        for (Block block = cursor.nextBlock(); block != null; block = cursor.nextBlock()) {
            assertTrue(more && block.size() > 0);
            more = block.hasMore();
            for (int i = 0; i < block.size(); i++, expected++) {
                assertEquals(expected, block.key(i).readLong());
                assertEquals(expected, block.value(i).readInt());
            }
            assertEquals(expected - 1, cursor.key().readLong());
        }
        assertEquals(20_000, expected);
        assertEquals(false, more);
        assertTrue(cursor.blocks() > 1);
        assertNull(cursor.nextBlock());
        assertEquals(false, cursor.next());
    }

    @Test
    void entries_and_blocks_can_be_taken_in_turn() {
        key("many");
        EntryCursor cursor = map.scan();
        long expected = 0;
        while (true) {
            for (int i = 0; i < 100 && cursor.next(); i++) {
                assertEquals(expected++, cursor.key().readLong());
            }
            Block block = cursor.nextBlock();
            if (block == null) {
                break;
            }
            for (int i = 0; i < block.size(); i++) {
                assertEquals(expected++, block.key(i).readLong());
            }
        }
        assertEquals(20_000, expected);
    }

    @Test
    void every_range_is_a_block_again() throws IOException {
        for (String key : new String[] {"differ", "same"}) {
            Block block = blockOf(key);
            List<String> all = entries(block);
            assertEquals(ENTRIES, all.size());
            for (int from = 0; from <= ENTRIES; from++) {
                for (int to = from; to <= ENTRIES; to++) {
                    Block slice = block.slice(from, to);
                    assertEquals(all.subList(from, to), entries(slice));
                    byte[] bytes = written(slice);
                    Block read = Block.wrap(ByteBuffer.wrap(bytes));
                    assertEquals(all.subList(from, to), entries(read));
                    assertEquals(from < to && to < ENTRIES, read.hasMore());
                    if (to - from > 2) {
                        int end = to - from - 1;
                        // A slice of a slice, here and of what was written, is a slice of the whole.
                        byte[] inner = written(slice.slice(1, end));
                        assertArrayEquals(inner, written(read.slice(1, end)));
                        assertEquals(all.subList(from + 1, to - 1), entries(Block.wrap(ByteBuffer.wrap(inner))));
                    }
                }
            }
        }
    }

    @Test
    void a_slice_has_the_bytes_that_native_code_expects() {
        byte[] whole = "KBB1\1\0\1\0\2\0\0\0\6\0\0\0abcdef\1\1\3\6".getBytes(ISO_8859_1);
        byte[] slice = "KBB1\1\2\1\0\1\0\0\0\5\0\0\0\1\0\0\0bcdef\3\6".getBytes(ISO_8859_1);
        assertArrayEquals(slice, written(Block.wrap(ByteBuffer.wrap(whole)).slice(1, 2)));
        Block read = Block.wrap(ByteBuffer.wrap(slice));
        assertEquals("bc", Bytes.text(read.key(0)));
        assertEquals("def", Bytes.text(read.value(0)));
    }

    @Test
    void a_file_gets_slices_one_behind_the_other() throws IOException {
        Block block = blockOf("differ");
        List<String> all = entries(block);
        try (FileChannel file = FileChannel.open(
                directory.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int first = block.writeTo(file, 3, 9);
            int second = block.writeTo(file, 9, 25);
            assertEquals(first + second, file.size());
            ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
            assertEquals(all.subList(3, 9), entries(Block.wrap(bytes)));
            assertEquals(all.subList(9, 25), entries(Block.wrap(bytes.position(first))));
            assertEquals(first, bytes.position());
        }
    }

    /** Takes a few bytes a call, over several buffers; tries to keep and to change what it gets. */
    private static final class Picky implements GatheringByteChannel {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final int most;
        int calls;

        Picky(int most) {
            this.most = most;
        }

        @Override
        public long write(ByteBuffer[] parts, int offset, int length) {
            calls++;
            int taken = 0;
            for (int i = offset; i < offset + length; i++) {
                ByteBuffer part = parts[i];
                assertThrows(ReadOnlyBufferException.class, () -> part.put(0, (byte) 1));
                for (; part.hasRemaining() && taken < most; taken++) {
                    bytes.write(part.get());
                }
                parts[i] = null;
            }
            return taken;
        }

        @Override
        public long write(ByteBuffer[] parts) {
            return write(parts, 0, parts.length);
        }

        @Override
        public int write(ByteBuffer part) {
            throw new AssertionError("a gathering channel gets all at once");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void a_gathering_channel_gets_all_in_one_write_or_in_as_many_as_it_takes() throws IOException {
        Block slice = blockOf("differ").slice(5, 8);
        int size = slice.sizeInBytes();
        byte[] expected = written(slice);
        for (int most = 1; most <= size; most++) {
            Picky channel = new Picky(most);
            assertEquals(size, slice.writeTo(channel));
            assertArrayEquals(expected, channel.bytes.toByteArray());
            assertEquals((size + most - 1) / most, channel.calls);
        }
    }

    @Test
    void a_channel_that_takes_nothing_is_an_error() throws IOException {
        Block block = blockOf("same");
        assertThrows(IOException.class, () -> block.writeTo(new Picky(0)));
        WritableByteChannel full = Channels.newChannel(new ByteArrayOutputStream());
        full.close();
        assertThrows(IOException.class, () -> block.writeTo(full));
        Pipe pipe = Pipe.open();
        try (Pipe.SinkChannel sink = pipe.sink();
                Pipe.SourceChannel source = pipe.source()) {
            sink.configureBlocking(false);
            assertThrows(IllegalBlockingModeException.class, () -> block.writeTo(sink));
            assertTrue(source.isOpen());
        }
    }

    @Test
    void numbers_that_are_not_there_are_out_of_bounds() {
        Block block = blockOf("same");
        assertThrows(IndexOutOfBoundsException.class, () -> block.key(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> block.value(ENTRIES));
        assertThrows(IndexOutOfBoundsException.class, () -> block.slice(0, ENTRIES + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> block.slice(2, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> block.slice(1, 3).key(2));
        assertThrows(IndexOutOfBoundsException.class, () -> block.writeTo(new Picky(1), -1, 1));
    }

    @Test
    void a_block_ends_with_what_it_shows() {
        key("many");
        EntryCursor cursor = map.newCursor().seek();
        Block block = cursor.nextBlock();
        Block slice = block.slice(1, 3);
        DirectInput view = slice.key(0);
        assertSame(slice, block.slice(1, 3));
        assertSame(block, cursor.nextBlock());
        Expect.code(ErrorCode.CURSOR_INVALID, slice::size);
        Expect.code(ErrorCode.CURSOR_INVALID, () -> slice.key(0));
        Expect.code(ErrorCode.CURSOR_INVALID, view::readByte);
        Block again = block.slice(0, 2);
        assertEquals(2, again.size());
        cursor.next();
        for (Block each : List.of(block, again)) {
            Expect.code(ErrorCode.CURSOR_INVALID, each::hasMore);
            Expect.code(ErrorCode.CURSOR_INVALID, () -> each.value(0));
            Expect.code(ErrorCode.CURSOR_INVALID, () -> each.slice(0, 0));
            Expect.code(ErrorCode.CURSOR_INVALID, each::sizeInBytes);
            Expect.code(ErrorCode.CURSOR_INVALID, () -> written(each));
        }
        Block last = cursor.nextBlock();
        cursor.close();
        Expect.code(ErrorCode.CURSOR_INVALID, last::size);
        Expect.code(ErrorCode.CLOSED, cursor::nextBlock);
    }

    @Test
    void a_cursor_that_does_not_run_has_no_block() {
        key("absent");
        assertNull(map.scan().nextBlock());
        EntryCursor cursor = map.newCursor();
        Expect.code(ErrorCode.CURSOR_INVALID, cursor::nextBlock);
        cursor.close();
    }

    @Test
    void a_block_of_a_session_belongs_to_its_thread() throws Exception {
        Block block = blockOf("same");
        FutureTask<Void> elsewhere = new FutureTask<>(() -> {
            Expect.code(ErrorCode.WRONG_THREAD, block::size);
            Expect.code(ErrorCode.WRONG_THREAD, () -> block.key(0));
            Expect.code(ErrorCode.WRONG_THREAD, () -> block.slice(0, 1));
            Expect.code(ErrorCode.WRONG_THREAD, () -> written(block));
            return null;
        });
        Thread thread = new Thread(elsewhere);
        thread.start();
        elsewhere.get();
        assertEquals(ENTRIES, block.size());
        session.close();
        Expect.code(ErrorCode.CLOSED, block::size);
    }

    @Test
    void damaged_blocks_are_refused_or_read_within_themselves() {
        Random random = new Random(7);
        for (String key : new String[] {"differ", "same"}) {
            Block block = blockOf(key);
            for (int round = 0; round < 20_000; round++) {
                int from = random.nextInt(ENTRIES);
                byte[] bytes = written(block.slice(from, from + random.nextInt(ENTRIES - from + 1)));
                int at = random.nextBoolean() ? random.nextInt(20) : random.nextInt(bytes.length);
                bytes[at % bytes.length] = (byte) random.nextInt();
                byte[] cut = Arrays.copyOf(bytes, random.nextInt(4) > 0 ? bytes.length : random.nextInt(bytes.length));
                try {
                    Block damaged = Block.wrap(ByteBuffer.wrap(cut));
                    for (int i = 0; i < Math.min(damaged.size(), ENTRIES); i++) {
                        damaged.key(i).readRemaining();
                        damaged.value(i).readRemaining();
                        damaged.slice(i, damaged.size());
                        written(damaged.slice(0, i));
                    }
                } catch (KeybedException e) {
                    assertEquals(ErrorCode.CORRUPTION, e.errorCode());
                }
            }
        }
    }
}
