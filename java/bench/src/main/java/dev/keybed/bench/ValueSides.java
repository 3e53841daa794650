package dev.keybed.bench;

import dev.keybed.DirectInput;
import dev.keybed.ValueState;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Param;
import org.rocksdb.RocksDBException;

/** A value state on both sides, and what every method of reading and writing it needs. */
public abstract class ValueSides extends SideBySide {
    /** How many keys there are. With few, all that is read stays in the processor's cache. */
    @Param("100000")
    public int keyCount;

    ValueState state;
    Values values;
    RandomKeys keys;

    ArrayKey arrayKey;
    byte[] arrayValue;
    DirectKey directKey;
    ByteBuffer directValue;

    final void openValues(Settings settings, int valueSize) throws RocksDBException {
        open(settings);
        state = ours.session.valueState(KeybedSide.STATE, KeybedSide.NAMESPACE);
        requireSameOptions();
        values = new Values(valueSize);
        keys = new RandomKeys(keyCount);
        arrayKey = new ArrayKey();
        arrayValue = new byte[valueSize];
        directKey = new DirectKey();
        directValue = ByteBuffer.allocateDirect(valueSize);
    }

    /** Gives every key a value, the same on both sides. */
    final void load() throws RocksDBException {
        for (int key = 0; key < keyCount; key++) {
            long number = key * 0x9E3779B97F4A7C15L;
            ours.setKey(key);
            values.write(number, ours.session.value());
            state.put();
            peer.db.put(peer.family, peer.write, arrayKey.of(key), values.write(number, arrayValue));
        }
    }

    /** Throws unless both sides hold the same bytes under the same composite keys. Also brings blocks into the cache. */
    final void requireSameValues() throws RocksDBException {
        ByteBuffer composite = ByteBuffer.allocateDirect(Keys.COMPOSITE_BYTES);
        byte[] ourKey = new byte[Keys.COMPOSITE_BYTES];
        for (int key = 0; key < keyCount; key++) {
            byte[] theirKey = arrayKey.of(key);
            ours.setKey(key);
            ours.session.compositeKey(state, composite.clear());
            composite.flip().get(ourKey);
            Check.same("composite", key, ourKey, theirKey);

            DirectInput value = state.get();
            byte[] ourValue = value == null ? null : value.readRemaining();
            Check.same("value", key, ourValue, peer.db.get(peer.family, peer.read, theirKey));
        }
    }
}
