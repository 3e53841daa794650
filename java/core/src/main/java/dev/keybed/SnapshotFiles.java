package dev.keybed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the directory of a snapshot of a {@link SnapshotSeries} has. The directory is complete by itself.
 *
 * @param id its id, 32 hexadecimal digits
 * @param engine the engine whose files these are
 * @param keyEncoding how its keys are written
 * @param maxParallelism the number of key groups of all tasks
 * @param keySize the size of all keys
 * @param keyGroups the key groups that the snapshot holds
 * @param states its states; unmodifiable
 * @param files its files, beside the one that lists them; unmodifiable
 */
public record SnapshotFiles(
        String id,
        Engine engine,
        KeyEncoding keyEncoding,
        int maxParallelism,
        PartSize keySize,
        KeyGroupRange keyGroups,
        List<StateInfo> states,
        List<SnapshotFile> files) {

    static SnapshotFiles of(String[] words) {
        Words rest = new Words(words);
        return new SnapshotFiles(
                rest.text(),
                Engine.ofOptionValue(rest.text()),
                KeyEncoding.ofOptionValue(rest.text()),
                rest.number(),
                PartSize.ofCode(rest.number()),
                rest.keyGroups(),
                rest.states(rest.number()),
                files(rest));
    }

    private static List<SnapshotFile> files(Words words) {
        int count = words.number();
        List<SnapshotFile> files = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            files.add(SnapshotFile.read(words));
        }
        return Collections.unmodifiableList(files);
    }

    /**
     * Bytes of all files.
     *
     * @return their sum
     */
    public long bytes() {
        return files.stream().mapToLong(SnapshotFile::bytes).sum();
    }
}
