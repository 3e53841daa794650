package dev.keybed;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Builds {@link SnapshotOptions}. Values are checked when the options are used: {@link KeybedArgumentException}
 * (INVALID_OPTION) names the option, its value and what to use.
 */
public final class SnapshotOptionsBuilder {
    private final Map<String, String> values = new LinkedHashMap<>();

    SnapshotOptionsBuilder() {}

    /**
     * {@code compression}: how blocks are compressed. One that does not become shorter is stored as it is.
     *
     * @param compression default NONE
     * @return this
     */
    public SnapshotOptionsBuilder compression(Compression compression) {
        return option("compression", compression.optionValue());
    }

    /**
     * {@code key-groups}: which key groups to write.
     *
     * @param keyGroups default all that the store may hold
     * @return this
     */
    public SnapshotOptionsBuilder keyGroups(KeyGroupRange keyGroups) {
        return option("key-groups", keyGroups);
    }

    /**
     * {@code block-bytes}: the size of a block without compression, unless one entry needs more.
     *
     * @param bytes 4 KiB to 16 MiB; default 256 KiB
     * @return this
     */
    public SnapshotOptionsBuilder blockBytes(int bytes) {
        return option("block-bytes", bytes);
    }

    /**
     * {@code release-key-groups}: whether a key group is released as soon as it has been written, so that the store need not
     * keep what it overwrites there. The snapshot can be written only once then.
     *
     * @param release default false
     * @return this
     */
    public SnapshotOptionsBuilder releaseKeyGroups(boolean release) {
        return option("release-key-groups", release);
    }

    /**
     * {@code max-chain}: how many snapshots of changes may follow a full one in a {@link SnapshotSeries}.
     *
     * @param snapshots 0 to 64; default 8
     * @return this
     */
    public SnapshotOptionsBuilder maxChain(int snapshots) {
        return option("max-chain", snapshots);
    }

    /**
     * Any option by its name.
     *
     * @param name the name
     * @param value the value
     * @return this
     */
    public SnapshotOptionsBuilder option(String name, String value) {
        values.put(Objects.requireNonNull(name), Objects.requireNonNull(value));
        return this;
    }

    /**
     * The options as they are now; the builder can go on.
     *
     * @return the options
     */
    public SnapshotOptions build() {
        return new SnapshotOptions(values);
    }

    private SnapshotOptionsBuilder option(String name, Object value) {
        return option(name, value.toString());
    }
}
