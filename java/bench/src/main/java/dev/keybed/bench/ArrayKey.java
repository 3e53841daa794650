package dev.keybed.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A key for the peer's {@code byte[]} API: one array, overwritten for each key. */
final class ArrayKey {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    /** Big-endian access to arrays, also for reading values. */
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes = new byte[Keys.COMPOSITE_BYTES];

    /** The composite bytes of a key; the same array each time. */
    byte[] of(long key) {
        SHORT.set(bytes, Keys.GROUP_AT, (short) Keys.group(key));
        LONG.set(bytes, Keys.KEY_AT, key);
        return bytes;
    }

    static long firstLong(byte[] value) {
        return (long) LONG.get(value, 0);
    }
}
