package dev.keybed.flink;

import dev.keybed.Engine;

/** Timers in RocksDB. */
class NativeTimersRocksTest extends AbstractTimersTest {
    NativeTimersRocksTest() {
        super(Engine.ROCKS, TimerService.NATIVE);
    }
}
