package dev.keybed.flink;

import dev.keybed.Engine;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.Environment;
import org.apache.flink.runtime.memory.OpaqueMemoryResource;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.AbstractManagedMemoryStateBackend;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.ConfigurableStateBackend;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateBackend;

/**
 * Keybed as the state backend of a job: its configuration. Serialized with the job; thread-safe.
 *
 * <p>{@link #configure} gives a new backend that has the options of a configuration ({@link KeybedOptions}).
 */
public final class KeybedStateBackend extends AbstractManagedMemoryStateBackend implements ConfigurableStateBackend {
    static final String NAME = "keybed";
    /** Room for timers at the start, as Flink's other backends have it. */
    static final int INITIAL_TIMERS = 128;

    private static final long serialVersionUID = 1L;

    /** The options of {@link KeybedOptions#all()} that are set, and whether checkpoints are incremental. */
    private final Configuration options;

    /** With the default options. */
    public KeybedStateBackend() {
        this.options = new Configuration();
    }

    private KeybedStateBackend(KeybedStateBackend original, ReadableConfig config) {
        this.options = new Configuration(original.options);
        KeybedOptions.all().forEach(option -> copy(config, option));
        copy(config, CheckpointingOptions.INCREMENTAL_CHECKPOINTS);
        this.latencyTrackingConfigBuilder = original.latencyTrackingConfigBuilder.configure(config);
        this.sizeTrackingConfigBuilder = original.sizeTrackingConfigBuilder.configure(config);
    }

    private <T> void copy(ReadableConfig config, ConfigOption<T> option) {
        config.getOptional(option).ifPresent(value -> options.set(option, value));
    }

    @Override
    public KeybedStateBackend configure(ReadableConfig config, ClassLoader classLoader) {
        return new KeybedStateBackend(this, config);
    }

    /**
     * Where the state lives.
     *
     * @return the engine
     */
    public Engine engine() {
        return options.get(KeybedOptions.ENGINE);
    }

    /** An incremental checkpoint uploads all its files when it is asked to. */
    @Override
    public boolean supportsNoClaimRestoreMode() {
        return true;
    }

    /** Native savepoints are full checkpoints, and may be moved. */
    @Override
    public boolean supportsSavepointFormat(SavepointFormatType formatType) {
        return true;
    }

    @Override
    public <K> AbstractKeyedStateBackend<K> createKeyedStateBackend(KeyedStateBackendParameters<K> parameters)
            throws IOException {
        Environment environment = parameters.getEnv();
        Path directory = directory(environment, parameters.getOperatorIdentifier());
        OpaqueMemoryResource<SlotMemory> memory = leaseMemory(environment, parameters.getManagedMemoryFraction());
        return new KeybedKeyedStateBackendBuilder<>(
                        parameters,
                        options,
                        directory,
                        memory,
                        latencyTrackingConfigBuilder
                                .setMetricGroup(parameters.getMetricGroup())
                                .build(),
                        sizeTrackingConfigBuilder
                                .setMetricGroup(parameters.getMetricGroup())
                                .build(),
                        getCompressionDecorator(environment.getExecutionConfig()))
                .build();
    }

    private Path directory(Environment environment, String operator) {
        File parent = options.getOptional(KeybedOptions.LOCAL_DIRECTORY)
                .map(File::new)
                .orElseGet(() -> environment.getTaskManagerInfo().getTmpWorkingDirectory());
        String name = "job_" + environment.getJobID() + "_op_" + operator.replaceAll("[^a-zA-Z0-9\\-]", "_") + "_uuid_"
                + UUID.randomUUID();
        return new File(parent, name).toPath();
    }

    /** The slot's budget, or null if there is no limit. */
    private OpaqueMemoryResource<SlotMemory> leaseMemory(Environment environment, double fraction) throws IOException {
        try {
            return SlotMemory.lease(options, environment, fraction);
        } catch (IllegalConfigurationException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("Failed to acquire the slot's memory for Keybed", e);
        }
    }

    @Override
    public OperatorStateBackend createOperatorStateBackend(OperatorStateBackendParameters parameters)
            throws BackendBuildingException {
        return new DefaultOperatorStateBackendBuilder(
                        parameters.getEnv().getUserCodeClassLoader().asClassLoader(),
                        parameters.getEnv().getExecutionConfig(),
                        true,
                        parameters.getStateHandles(),
                        parameters.getCancelStreamRegistry())
                .build();
    }

    @Override
    public String toString() {
        return "KeybedStateBackend" + options;
    }
}
