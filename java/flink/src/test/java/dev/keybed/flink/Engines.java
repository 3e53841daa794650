package dev.keybed.flink;

import dev.keybed.Engine;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;

/** The engines to test, and backends on them. */
final class Engines {
    /** As in core: empty for all. */
    private static final String ONLY = System.getProperty("keybed.test.engine", "");

    private Engines() {}

    static List<Engine> all() {
        return ONLY.isEmpty() ? List.of(Engine.values()) : List.of(Engine.valueOf(ONLY.toUpperCase(java.util.Locale.ROOT)));
    }

    static Configuration configuration(Engine engine) {
        Configuration configuration = new Configuration();
        configuration.set(KeybedOptions.ENGINE, engine);
        return configuration;
    }

    static KeybedStateBackend backend(Engine engine, TimerService timers) {
        Configuration configuration = configuration(engine);
        configuration.set(KeybedOptions.TIMER_SERVICE, timers);
        return new KeybedStateBackend().configure(configuration, Engines.class.getClassLoader());
    }

    static KeybedStateBackend backend(Engine engine) {
        return backend(engine, false);
    }

    static KeybedStateBackend backend(Engine engine, boolean incremental) {
        Configuration configuration = configuration(engine);
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incremental);
        return new KeybedStateBackend().configure(configuration, Engines.class.getClassLoader());
    }
}
