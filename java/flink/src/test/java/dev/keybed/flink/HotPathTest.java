package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.junit.jupiter.api.TestTemplate;

/**
 * Getting, updating, adding and putting allocate nothing: here with keys and values whose boxes the JVM has already, so that
 * Flink's serializers make none either.
 */
class HotPathTest extends AbstractBackendTest {
    private static final int OPERATIONS = 50_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private interface Operation {
        void run(Long key) throws Exception;
    }

    private void assertNothing(String what, Operation operation) throws Exception {
        Long[] keys = new Long[100];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) i;
        }
        long allocated = 0;
        for (int round = 0; round < 2; round++) {
            long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < OPERATIONS; i++) {
                Long key = keys[i % keys.length];
                backend.setCurrentKey(key);
                operation.run(key);
            }
            allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
        }
        long bytes = allocated;
        assertTrue(bytes < OPERATIONS, () -> what + ": " + bytes + " bytes in " + OPERATIONS + " operations");
    }

    @TestTemplate
    void valuesAllocateNothing() throws Exception {
        ValueState<Long> state = state(new ValueStateDescriptor<>("value", LongSerializer.INSTANCE));
        assertNothing("update", state::update);
        assertNothing("value", key -> state.value());
        ReducingState<Long> least = state(new ReducingStateDescriptor<>("least", Math::min, LongSerializer.INSTANCE));
        assertNothing("add", least::add);
        assertNothing("clear", key -> state.clear());
    }

    @TestTemplate
    void mapEntriesAllocateNothing() throws Exception {
        MapState<Long, Long> state =
                state(new MapStateDescriptor<>("map", LongSerializer.INSTANCE, LongSerializer.INSTANCE));
        assertNothing("put", key -> state.put(key, key));
        assertNothing("get", key -> state.get(key));
        assertNothing("contains", key -> state.contains(key));
        assertNothing("isEmpty", key -> state.isEmpty());
        assertNothing("remove", key -> state.remove(key));
    }

    @TestTemplate
    void addingToListsAllocatesNothing() throws Exception {
        ListState<Long> state = state(new ListStateDescriptor<>("list", LongSerializer.INSTANCE));
        assertNothing("add", state::add);
    }
}
