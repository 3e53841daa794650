package dev.keybed.flink;

import dev.keybed.Engine;

/** Timers in tables. */
class NativeTimersTableTest extends AbstractTimersTest {
    NativeTimersTableTest() {
        super(Engine.TABLE, TimerService.NATIVE);
    }
}
