package dev.keybed.sql;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.types.Row;

/** Makes rows of numbers, not too fast, and fails once: when there is a checkpoint, in the midst of the records. */
final class FailingOnce implements MapFunction<Long, Row>, CheckpointListener {
    private static final long serialVersionUID = 1L;

    /** How often the task of a run has failed: tasks are in this JVM. */
    private static final Map<String, AtomicInteger> FAILURES = new ConcurrentHashMap<>();

    private final String run;
    private transient boolean checkpointed;

    FailingOnce(String run) {
        this.run = run;
        FAILURES.put(run, new AtomicInteger());
    }

    static int failures(String run) {
        return FAILURES.get(run).get();
    }

    @Override
    public Row map(Long id) throws Exception {
        boolean mustFail = failures(run) == 0;
        // Whoever is near the end waits for a checkpoint.
        if (id % 200 == 0 || mustFail && id > Event.COUNT * 3 / 4) {
            Thread.sleep(5);
        }
        if (mustFail && checkpointed && id > Event.COUNT / 3) {
            FAILURES.get(run).incrementAndGet();
            throw new IllegalStateException("induced");
        }
        return Event.of(id).toRow();
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
        checkpointed = true;
    }
}
