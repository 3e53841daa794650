package dev.keybed.flink;

import dev.keybed.Engine;

/** State with a time to live on the engine TABLE. */
class KeybedTtlTableTest extends AbstractTtlTest {

    KeybedTtlTableTest() {
        super(Engine.TABLE);
    }
}
