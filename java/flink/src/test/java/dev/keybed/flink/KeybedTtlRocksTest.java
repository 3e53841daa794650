package dev.keybed.flink;

import dev.keybed.Engine;

/** State with a time to live on the engine ROCKS. */
class KeybedTtlRocksTest extends AbstractTtlTest {

    KeybedTtlRocksTest() {
        super(Engine.ROCKS);
    }
}
