package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What operations allocate on the Java heap. */
final class Allocation {
    static final int OPERATIONS = 100_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    interface Operation {
        void run(int i);
    }

    /** Nothing, once they are warm. */
    static void assertNone(Operation operation) {
        long id = Thread.currentThread().getId();
        // Warm-up: buffers grow, lambdas link, code is compiled (which the counter may see).
        for (int i = 0; i < OPERATIONS / 2; i++) {
            operation.run(i);
        }
        long before = THREADS.getThreadAllocatedBytes(id);
        for (int i = 0; i < OPERATIONS; i++) {
            operation.run(i);
        }
        long allocated = THREADS.getThreadAllocatedBytes(id) - before;
        assertTrue(allocated < OPERATIONS, () -> allocated + " bytes in " + OPERATIONS + " operations");
    }
}
