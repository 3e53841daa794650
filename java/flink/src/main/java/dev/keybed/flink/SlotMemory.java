package dev.keybed.flink;

import java.util.UUID;
import org.apache.flink.runtime.execution.Environment;
import org.apache.flink.runtime.memory.OpaqueMemoryResource;

/** The budget of a slot, which the tables of its operators share by its name. Flink makes one for a slot and counts who has it. */
record SlotMemory(String name, long bytes) implements AutoCloseable {
    private static final String MANAGED = "state-keybed-managed-memory";
    private static final String FIXED = "state-keybed-fixed-slot-memory";

    static OpaqueMemoryResource<SlotMemory> managed(Environment environment, double fraction) throws Exception {
        return environment.getMemoryManager().getSharedMemoryResourceForManagedMemory(MANAGED, SlotMemory::of, fraction);
    }

    static OpaqueMemoryResource<SlotMemory> fixed(Environment environment, long bytes) throws Exception {
        return environment.getMemoryManager().getExternalSharedMemoryResource(FIXED, SlotMemory::of, bytes);
    }

    private static SlotMemory of(long bytes) {
        return new SlotMemory("flink-" + UUID.randomUUID(), bytes);
    }

    /** Nothing to free: the memory goes with the stores. */
    @Override
    public void close() {}
}
