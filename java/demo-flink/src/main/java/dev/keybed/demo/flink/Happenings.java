package dev.keybed.demo.flink;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** What happens while a job runs. Its tasks are threads of this JVM, so they tell it here. */
final class Happenings {
    static final LongAdder WORDS = new LongAdder();
    static final LongAdder CHECKPOINTS = new LongAdder();
    static final LongAdder RESTORES = new LongAdder();
    /** Whether the task that is to fail has. */
    static final AtomicBoolean FAILED = new AtomicBoolean();

    private Happenings() {}

    static void reset() {
        WORDS.reset();
        CHECKPOINTS.reset();
        RESTORES.reset();
        FAILED.set(false);
    }
}
