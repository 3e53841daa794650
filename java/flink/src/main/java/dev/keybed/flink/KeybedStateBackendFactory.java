package dev.keybed.flink;

import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.StateBackendFactory;

/** What {@code state.backend.type} names: {@code dev.keybed.flink.KeybedStateBackendFactory}. */
public final class KeybedStateBackendFactory implements StateBackendFactory<KeybedStateBackend> {

    /** For Flink, which makes one by reflection. */
    public KeybedStateBackendFactory() {}

    @Override
    public KeybedStateBackend createFromConfig(ReadableConfig config, ClassLoader classLoader) {
        return new KeybedStateBackend().configure(config, classLoader);
    }
}
