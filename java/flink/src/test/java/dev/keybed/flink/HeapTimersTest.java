package dev.keybed.flink;

import dev.keybed.Engine;

/** Timers on the heap. */
class HeapTimersTest extends AbstractTimersTest {
    HeapTimersTest() {
        super(Engine.TABLE, TimerService.HEAP);
    }
}
