package dev.keybed.records;

import dev.keybed.RecordView;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Where the bytes of a record lie. What is around them differs: a view that read it would not read the same everywhere. */
enum Placed {
    EXACT_ARRAY {
        @Override
        void wrap(RecordView view, byte[] bytes) {
            view.wrap(bytes);
        }
    },
    PART_OF_AN_ARRAY {
        @Override
        void wrap(RecordView view, byte[] bytes) {
            view.wrap(surrounded(bytes, (byte) 0xFF), AROUND, bytes.length);
        }
    },
    EXACT_DIRECT_BUFFER {
        @Override
        void wrap(RecordView view, byte[] bytes) {
            view.wrap(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        }
    },
    PART_OF_A_DIRECT_BUFFER {
        @Override
        void wrap(RecordView view, byte[] bytes) {
            byte[] all = surrounded(bytes, (byte) 1);
            ByteBuffer buffer = ByteBuffer.allocateDirect(all.length).put(all);
            view.wrap(buffer, AROUND, bytes.length);
            // Of no concern any more.
            buffer.position(0).limit(0);
        }
    },
    SLICE_OF_A_DIRECT_BUFFER {
        @Override
        void wrap(RecordView view, byte[] bytes) {
            byte[] all = surrounded(bytes, (byte) 'a');
            view.wrap(ByteBuffer.allocateDirect(all.length).put(all).slice(AROUND, bytes.length));
        }
    },
    PART_OF_A_HEAP_BUFFER {
        @Override
        void wrap(RecordView view, byte[] bytes) {
            ByteBuffer slice = ByteBuffer.wrap(surrounded(bytes, (byte) 0x80)).position(3).slice();
            view.wrap(slice.position(AROUND - 3).limit(AROUND - 3 + bytes.length));
        }
    },
    READ_ONLY_HEAP_BUFFER {
        @Override
        void wrap(RecordView view, byte[] bytes) {
            view.wrap(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
        }
    };

    private static final int AROUND = 64;

    abstract void wrap(RecordView view, byte[] bytes);

    private static byte[] surrounded(byte[] bytes, byte canary) {
        byte[] all = new byte[bytes.length + 2 * AROUND];
        Arrays.fill(all, canary);
        System.arraycopy(bytes, 0, all, AROUND, bytes.length);
        return all;
    }
}
