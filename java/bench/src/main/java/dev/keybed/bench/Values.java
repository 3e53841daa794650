package dev.keybed.bench;

import dev.keybed.DirectOutput;
import java.nio.ByteBuffer;

/**
 * Values of one size: a number, then bytes that do not matter. Each side produces a value the same way, as a serializer
 * would: the number is written, the rest is copied from an array. Only where it is written to differs.
 */
final class Values {
    private static final int NUMBER = Long.BYTES;

    private final byte[] source;

    Values(int size) {
        source = new byte[size];
        for (int i = 0; i < size; i++) {
            source[i] = (byte) (i * 31);
        }
    }

    int size() {
        return source.length;
    }

    void write(long number, DirectOutput target) {
        target.writeLong(number);
        target.write(source, NUMBER, source.length - NUMBER);
    }

    byte[] write(long number, byte[] target) {
        ArrayKey.LONG.set(target, 0, number);
        System.arraycopy(source, NUMBER, target, NUMBER, source.length - NUMBER);
        return target;
    }

    ByteBuffer write(long number, ByteBuffer target) {
        target.putLong(0, number);
        target.put(NUMBER, source, NUMBER, source.length - NUMBER);
        // The peer moves the position to the limit.
        target.clear();
        return target;
    }
}
