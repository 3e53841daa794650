package dev.keybed.flink;

import dev.keybed.Expiry;
import dev.keybed.Store;
import dev.keybed.ValueForm;
import java.time.Duration;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.StateTtlConfig.IncrementalCleanupStrategy;
import org.apache.flink.api.common.state.StateTtlConfig.RocksdbCompactFilterCleanupStrategy;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/**
 * Cleaning up by RocksDB's compactions: what a state's time to live means for the store. The store drops what is over when
 * it rewrites its files, without a call to Java; tables have none and drop nothing.
 *
 * <p>The store goes by the machine's clock, as Flink's own provider of time does. Another provider is asked now and then,
 * and the store told.
 */
final class CompactionCleanup {
    /** As Flink's RocksDB backend has them by default. */
    private static final long ENTRIES_A_CLOCK = 1000;

    private static final Duration REWRITTEN_AFTER = Duration.ofDays(30);

    /** After so many keys another provider than Flink's own is asked. */
    private static final int KEYS_A_CLOCK = 1024;

    private static final IncrementalCleanupStrategy BY_DEFAULT = StateTtlConfig.newBuilder(Duration.ofDays(1))
            .build()
            .getCleanupStrategies()
            .getIncrementalCleanupStrategy();

    private final Store store;
    private final TtlTimeProvider time;
    private final boolean isOwnTime;
    private int keys;

    CompactionCleanup(Store store, TtlTimeProvider time) {
        this.store = store;
        this.time = time;
        this.isOwnTime = time != TtlTimeProvider.DEFAULT;
    }

    /** A state has been registered, and all its values are as its serializer writes them. */
    void registered(RegisteredState<?, ?> state, StateDescriptor<?, ?> descriptor) {
        tellTime();
        store.setExpiry(state.nativeState().name(), expiry(descriptor, state.metaInfo().getStateSerializer()));
    }

    /** The values of a state are to be written anew. */
    void migrating(RegisteredState<?, ?> state) {
        store.setExpiry(state.nativeState().name(), null);
    }

    /** A key is made the current one. */
    void keyChanged() {
        if (isOwnTime && ++keys == KEYS_A_CLOCK) {
            keys = 0;
            tellTime();
        }
    }

    /** Tells the store the time, if it is not the machine's. */
    void tellTime() {
        if (isOwnTime) {
            store.setTime(time.currentTimestamp());
        }
    }

    /** When values are over; null: never. */
    static Expiry expiry(StateDescriptor<?, ?> descriptor, TypeSerializer<?> serializer) {
        StateTtlConfig config = descriptor.getTtlConfig();
        if (!config.isEnabled()
                || !config.getCleanupStrategies().inRocksdbCompactFilter()
                || !TtlAwareSerializer.isSerializerTtlEnabled(serializer)) {
            return null;
        }
        RocksdbCompactFilterCleanupStrategy strategy =
                config.getCleanupStrategies().getRocksdbCompactFilterCleanupStrategy();
        ValueForm form = switch (descriptor.getType()) {
            case MAP -> ValueForm.mapEntry();
            case LIST -> ofElements(((ListSerializer<?>) serializer).getElementSerializer());
            default -> ValueForm.value();
        };
        return new Expiry(
                form,
                config.getTimeToLive().toMillis(),
                strategy == null ? ENTRIES_A_CLOCK : Math.max(strategy.getQueryTimeAfterNumEntries(), 0),
                (strategy == null ? REWRITTEN_AFTER : strategy.getPeriodicCompactionTime()).toSeconds());
    }

    /** @param serializer of an element with its time */
    private static ValueForm ofElements(TypeSerializer<?> serializer) {
        if (serializer.getLength() > Long.BYTES) {
            return ValueForm.listOfFixed(serializer.getLength() - Long.BYTES);
        }
        if (serializer.snapshotConfiguration() instanceof CompositeTypeSerializerSnapshot<?, ?> snapshot) {
            Object element = snapshot.getNestedSerializerSnapshots()[1].restoreSerializer();
            if (element instanceof StringSerializer) {
                return ValueForm.listOfText();
            }
            if (element instanceof BytePrimitiveArraySerializer) {
                return ValueForm.listOfBytes();
            }
        }
        return ValueForm.listOfUnknown();
    }

    /**
     * Whether a state is also to be cleaned up at each access. Where compactions do it, only if the job asks for it: by default
     * Flink asks every backend for both.
     */
    static boolean isAlsoIncremental(StateTtlConfig config) {
        IncrementalCleanupStrategy strategy = config.getCleanupStrategies().getIncrementalCleanupStrategy();
        return strategy != null
                && (!config.getCleanupStrategies().inRocksdbCompactFilter()
                        || strategy.getCleanupSize() != BY_DEFAULT.getCleanupSize()
                        || strategy.runCleanupForEveryRecord() != BY_DEFAULT.runCleanupForEveryRecord());
    }
}
