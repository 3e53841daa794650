package dev.keybed.flink;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.keybed.Engine;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/**
 * The options of the backend, for Flink's configuration and that of a job. Those of the engine rocks are in {@link
 * KeybedRocksOptions}, those of metrics in {@link KeybedMetricOptions}; docs/flink-options.md is generated from all of them.
 */
public final class KeybedOptions {

    /** Where the state lives. */
    public static final ConfigOption<Engine> ENGINE = key("state.backend.keybed.engine")
            .enumType(Engine.class)
            .defaultValue(Engine.TABLE)
            .withDescription("Where the state lives: in memory off the Java heap (table), or in RocksDB (rocks), for state that"
                    + " is larger than memory.");

    /** Whether the memory is Flink's. */
    public static final ConfigOption<Boolean> USE_MANAGED_MEMORY = key("state.backend.keybed.memory.managed")
            .booleanType()
            .defaultValue(true)
            .withDescription("Whether the operators of a slot share one budget, which is the slot's managed memory"
                    + " (taskmanager.memory.managed.size or .fraction). Tables have all of their memory in it, and a write"
                    + " beyond it fails and changes nothing. RocksDB has its block cache and write buffers in it, and becomes"
                    + " slower with less. If false, nothing bounds tables, and each RocksDB has a cache and write buffers of its"
                    + " own.");

    /** A budget for each slot instead. */
    public static final ConfigOption<MemorySize> FIX_PER_SLOT_MEMORY_SIZE = key("state.backend.keybed.memory.fixed-per-slot")
            .memoryType()
            .noDefaultValue()
            .withDescription("A budget that the operators of a slot share, beside Flink's managed memory. If it is set,"
                    + " state.backend.keybed.memory.managed is ignored.");

    /** A budget for all slots of a TaskManager instead. */
    public static final ConfigOption<MemorySize> FIX_PER_TM_MEMORY_SIZE = key("state.backend.keybed.memory.fixed-per-tm")
            .memoryType()
            .noDefaultValue()
            .withDescription("A budget that the operators of all slots of a TaskManager share, beside Flink's managed memory. Read"
                    + " from the configuration of the cluster, not from that of a job, and only if neither"
                    + " state.backend.keybed.memory.fixed-per-slot is set nor state.backend.keybed.memory.managed is true.");

    /** Where timers are kept. */
    public static final ConfigOption<TimerService> TIMER_SERVICE = key("state.backend.keybed.timer-service.factory")
            .enumType(TimerService.class)
            .noDefaultValue()
            .withDescription("Where timers are kept: on the Java heap (heap), or in the store beside the state (native), where they"
                    + " take managed memory with the engine table, and may be larger than memory with the engine rocks. By"
                    + " default native with rocks, and heap with table. It may be changed from one run of a job to the next.");

    /** How many timers of a key group are at hand. */
    public static final ConfigOption<Integer> TIMER_CACHE_SIZE = key("state.backend.keybed.timer-service.cache-size")
            .intType()
            .defaultValue(128)
            .withDescription("How many of the first native timers of each key group are kept on the Java heap at most.");

    /** Where stores have their directories. */
    public static final ConfigOption<String> LOCAL_DIRECTORY = key("state.backend.keybed.localdir")
            .stringType()
            .noDefaultValue()
            .withDescription("The directory where stores keep their files while a task runs. By default the working directory of"
                    + " the TaskManager.");

    /** How many files are copied at a time. */
    public static final ConfigOption<Integer> CHECKPOINT_TRANSFER_THREAD_NUM = key(
                    "state.backend.keybed.checkpoint.transfer.thread.num")
            .intType()
            .defaultValue(4)
            .withDescription("How many files of an incremental checkpoint are uploaded or downloaded at a time, by each operator.");

    private KeybedOptions() {}

    /** All of them, in the order of the documentation; what is not among them, a backend does not see. */
    static List<ConfigOption<?>> all() {
        return Stream.of(general(), KeybedRocksOptions.all(), KeybedMetricOptions.all())
                .flatMap(List::stream)
                .toList();
    }

    static List<ConfigOption<?>> general() {
        return List.of(
                ENGINE,
                USE_MANAGED_MEMORY,
                FIX_PER_SLOT_MEMORY_SIZE,
                FIX_PER_TM_MEMORY_SIZE,
                TIMER_SERVICE,
                TIMER_CACHE_SIZE,
                LOCAL_DIRECTORY,
                CHECKPOINT_TRANSFER_THREAD_NUM);
    }
}
