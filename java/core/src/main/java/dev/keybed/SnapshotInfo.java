package dev.keybed;

import java.util.List;
import java.util.Optional;

/**
 * What a stored snapshot is of.
 *
 * @param id its id, 32 hexadecimal digits
 * @param base of a file that has only what changed: the id of the snapshot that it follows; empty of a full snapshot
 * @param engine the engine that held the state
 * @param keyEncoding how its keys are written
 * @param maxParallelism the number of key groups of all tasks
 * @param keySize the size of all keys
 * @param keyGroups the key groups that the snapshot holds
 * @param states its states; unmodifiable
 * @param bytes its length
 * @param blocks blocks of entries
 * @param entries entries of all states; of changes, the deleted ones count
 */
public record SnapshotInfo(
        String id,
        Optional<String> base,
        Engine engine,
        KeyEncoding keyEncoding,
        int maxParallelism,
        PartSize keySize,
        KeyGroupRange keyGroups,
        List<StateInfo> states,
        long bytes,
        long blocks,
        long entries) {

    /** From words of native code, in their order. */
    static SnapshotInfo read(Words words) {
        String id = words.text();
        Optional<String> base = Optional.of(words.text()).filter(text -> !text.isEmpty());
        long bytes = words.longNumber();
        long blocks = words.longNumber();
        long entries = words.longNumber();
        return new SnapshotInfo(
                id,
                base,
                Engine.ofOptionValue(words.text()),
                KeyEncoding.ofOptionValue(words.text()),
                words.number(),
                PartSize.ofCode(words.number()),
                words.keyGroups(),
                words.states(words.number()),
                bytes,
                blocks,
                entries);
    }

    /** A key group has as many bytes at the start of a composite key. */
    int keyGroupBytes() {
        return maxParallelism <= 128 ? 1 : 2;
    }
}
