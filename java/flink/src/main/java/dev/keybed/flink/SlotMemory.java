package dev.keybed.flink;

import java.util.UUID;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.execution.Environment;
import org.apache.flink.runtime.memory.MemoryAllocationException;
import org.apache.flink.runtime.memory.OpaqueMemoryResource;
import org.apache.flink.runtime.memory.SharedResources;
import org.apache.flink.runtime.memory.SharedResources.ResourceAndSize;

/**
 * A budget of native memory, which stores share by its name: that of a slot, or of a TaskManager. Flink makes one and counts who
 * has it.
 *
 * <p>Native code has the memory: a table charges the budget with every block that it takes; the block cache and the write buffers
 * of RocksDB are made by the first store of the name and go with the last. So there is nothing here to free.
 */
record SlotMemory(String name, long bytes) implements AutoCloseable {
    /** With less, RocksDB refuses to start, and a table is full at once. */
    private static final long LEAST = 1 << 20;

    private static final String MANAGED = "state-keybed-managed-memory";
    private static final String FIXED_PER_SLOT = "state-keybed-fixed-slot-memory";
    private static final String FIXED_PER_TM = "state-keybed-fixed-tm-memory";

    /**
     * The budget that the options ask for, or null if they ask for none.
     *
     * @throws IllegalConfigurationException if there is too little of it
     */
    static OpaqueMemoryResource<SlotMemory> lease(ReadableConfig options, Environment environment, double fraction)
            throws Exception {
        MemorySize perSlot = options.get(KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE);
        if (perSlot != null) {
            long bytes = checked(perSlot, KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE);
            return environment.getMemoryManager().getExternalSharedMemoryResource(FIXED_PER_SLOT, SlotMemory::of, bytes);
        }
        if (options.get(KeybedOptions.USE_MANAGED_MEMORY)) {
            return managed(environment, fraction);
        }
        MemorySize perTaskManager =
                environment.getTaskManagerInfo().getConfiguration().get(KeybedOptions.FIX_PER_TM_MEMORY_SIZE);
        return perTaskManager == null
                ? null
                : ofTaskManager(environment, checked(perTaskManager, KeybedOptions.FIX_PER_TM_MEMORY_SIZE));
    }

    private static OpaqueMemoryResource<SlotMemory> managed(Environment environment, double fraction) throws Exception {
        // A fraction of 0: Flink was told to give state backends nothing.
        long bytes = fraction > 0 ? environment.getMemoryManager().computeMemorySize(fraction) : 0;
        if (bytes < LEAST) {
            throw tooLittle(bytes, "managed memory (a fraction of " + fraction + " of the slot's)");
        }
        try {
            return environment
                    .getMemoryManager()
                    .getSharedMemoryResourceForManagedMemory(MANAGED, SlotMemory::of, fraction);
        } catch (MemoryAllocationException e) {
            throw new IllegalConfigurationException("The slot's managed memory is taken by somebody else. " + remedy(), e);
        }
    }

    private static OpaqueMemoryResource<SlotMemory> ofTaskManager(Environment environment, long bytes) throws Exception {
        SharedResources resources = environment.getSharedResources();
        Object lease = new Object();
        ResourceAndSize<SlotMemory> resource =
                resources.getOrAllocateSharedResource(FIXED_PER_TM, lease, SlotMemory::of, bytes);
        return new OpaqueMemoryResource<>(
                resource.resourceHandle(), resource.size(), () -> resources.release(FIXED_PER_TM, lease, released -> {}));
    }

    private static long checked(MemorySize size, ConfigOption<?> option) {
        if (size.getBytes() < LEAST) {
            throw tooLittle(size.getBytes(), option.key());
        }
        return size.getBytes();
    }

    private static IllegalConfigurationException tooLittle(long bytes, String of) {
        return new IllegalConfigurationException("Keybed's state needs native memory, at least " + new MemorySize(LEAST).toHumanReadableString()
                + " for each slot, and has " + new MemorySize(bytes).toHumanReadableString() + " of " + of + ". " + remedy());
    }

    private static String remedy() {
        return "Give the TaskManagers managed memory (" + TaskManagerOptions.MANAGED_MEMORY_SIZE.key() + ", "
                + TaskManagerOptions.MANAGED_MEMORY_FRACTION.key() + ") and state backends a share of it ("
                + TaskManagerOptions.MANAGED_MEMORY_CONSUMER_WEIGHTS.key() + "), or set "
                + KeybedOptions.FIX_PER_SLOT_MEMORY_SIZE.key() + ", or "
                + KeybedOptions.USE_MANAGED_MEMORY.key() + ": false.";
    }

    private static SlotMemory of(long bytes) {
        return new SlotMemory("flink-" + UUID.randomUUID(), bytes);
    }

    @Override
    public void close() {}
}
