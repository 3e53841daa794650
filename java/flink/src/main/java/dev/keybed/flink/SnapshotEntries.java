package dev.keybed.flink;

import dev.keybed.Block;
import dev.keybed.DirectInput;
import dev.keybed.Snapshot;
import dev.keybed.SnapshotOptions;
import dev.keybed.SnapshotStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of one key group of a snapshot that is not in a file: frames of the stream of it (docs/snapshots.md), taken apart.
 * What comes from the same process is not checked again.
 */
final class SnapshotEntries implements AutoCloseable {
    private static final int FRAME_HEADER = 48;
    private static final int KIND = 8;
    private static final int STATE = 12;
    private static final int STORED = 32;
    private static final int HEAD = 1;
    private static final int ENTRIES = 2;

    private static final int FIRST_CAPACITY = 64 * 1024;

    private final SnapshotStream stream;
    private final List<String> names = new ArrayList<>();
    /** Of each state, whether four bytes are before each key that say where its key part ends. */
    private final List<Boolean> splits = new ArrayList<>();

    private ByteBuffer frame = ByteBuffer.allocate(FIRST_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
    private Block block;
    private int entry;
    private int state;

    SnapshotEntries(Snapshot snapshot, int group) {
        snapshot.states().forEach(known -> names.add(known.name()));
        stream = snapshot.stream(SnapshotOptions.builder()
                .keyGroups(new dev.keybed.KeyGroupRange(group, group))
                .releaseKeyGroups(true)
                .build());
    }

    /** Moves to the next entry. */
    boolean next() throws IOException {
        while (block == null || ++entry >= block.size()) {
            block = null;
            if (!nextFrame()) {
                return false;
            }
            switch (frame.get(KIND)) {
                case HEAD -> readHead();
                case ENTRIES -> readEntries();
                default -> {
                    // The index, for readers of files.
                }
            }
        }
        return true;
    }

    /** The native name of the entry's state. */
    String state() {
        return names.get(state);
    }

    /** The composite key, the key group first; a new array. */
    byte[] key() {
        DirectInput key = block.key(entry);
        if (splits.get(state)) {
            key.skip(Integer.BYTES);
        }
        return key.readRemaining();
    }

    /** The value; a new array. */
    byte[] value() {
        return block.value(entry).readRemaining();
    }

    @Override
    public void close() {
        stream.close();
    }

    private boolean nextFrame() {
        frame.clear();
        int length = stream.next(frame);
        if (length == 0) {
            frame = ByteBuffer.allocate(stream.needed()).order(ByteOrder.LITTLE_ENDIAN);
            length = stream.next(frame);
        }
        return length != SnapshotStream.END;
    }

    private void readHead() throws IOException {
        String text =
                new String(frame.array(), FRAME_HEADER, frame.getInt(STORED), StandardCharsets.UTF_8);
        text.lines().filter(line -> line.startsWith("state ")).forEach(line -> splits.add(line.endsWith(" split")));
        if (splits.size() != names.size()) {
            throw new IOException("The head of a snapshot has " + splits.size() + " states of " + names.size());
        }
    }

    private void readEntries() {
        state = frame.getInt(STATE);
        block = Block.wrap(ByteBuffer.wrap(frame.array(), FRAME_HEADER, frame.getInt(STORED)));
        entry = -1;
    }
}
