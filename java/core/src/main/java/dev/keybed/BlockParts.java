package dev.keybed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;

/**
 * The three pieces of memory that are written as one block: a header of its own, and payload and index where they are. Kept
 * by its block, so that writing allocates nothing. Channels get read-only views: the memory may be native code's.
 */
final class BlockParts {
    private static final int HEADER_CAPACITY = 20;

    private final ByteBuffer header = ByteBuffer.allocateDirect(HEADER_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer headerView = header.asReadOnlyBuffer();
    private final ByteBuffer[] parts = new ByteBuffer[3];
    /** The memory that payload and index are views of. */
    private ByteBuffer source;

    private ByteBuffer payload;
    private ByteBuffer index;

    /** The header to be filled in, of a block in {@code source}. */
    ByteBuffer header(ByteBuffer source) {
        if (this.source != source) {
            this.source = source;
            payload = source.asReadOnlyBuffer();
            index = source.asReadOnlyBuffer();
        }
        return header;
    }

    /** What is to be written: how much of the header, and where payload and index lie. */
    void show(int headerSize, int payloadStart, int payloadEnd, int indexStart, int indexEnd) {
        headerView.limit(headerSize).position(0);
        payload.limit(payloadEnd).position(payloadStart);
        index.limit(indexEnd).position(indexStart);
    }

    void writeTo(WritableByteChannel channel) throws IOException {
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        if (channel instanceof GatheringByteChannel gathering) {
            while (remaining() > 0) {
                parts[0] = headerView;
                parts[1] = payload;
                parts[2] = index;
                requireProgress(gathering.write(parts));
            }
        } else {
            write(channel, headerView);
            write(channel, payload);
            write(channel, index);
        }
    }

    private long remaining() {
        return (long) headerView.remaining() + payload.remaining() + index.remaining();
    }

    private static void write(WritableByteChannel channel, ByteBuffer part) throws IOException {
        while (part.hasRemaining()) {
            requireProgress(channel.write(part));
        }
    }

    private static void requireProgress(long written) throws IOException {
        if (written <= 0) {
            throw new IOException("the channel takes no bytes of a block");
        }
    }
}
