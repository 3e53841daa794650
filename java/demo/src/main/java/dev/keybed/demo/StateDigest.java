package dev.keybed.demo;

import dev.keybed.KeyGroupRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a store ought to hold, as two numbers for each key group: how many entries, and the sum of their hashes. It does not matter
 * in which order they come. Kept by whoever writes, from the records it writes, without asking a store.
 */
final class StateDigest {
    private static final long PRIME = 0x100000001B3L;

    private final long[] counts = new long[EntryIndex.KEY_GROUPS];
    private final long[] sums = new long[EntryIndex.KEY_GROUPS];

    void add(long directory, byte[] name, FileRecord record) {
        int group = EntryIndex.groupOf(directory);
        counts[group]++;
        sums[group] += hash(directory, name, record);
    }

    void remove(long directory, byte[] name, FileRecord record) {
        int group = EntryIndex.groupOf(directory);
        counts[group]--;
        sums[group] -= hash(directory, name, record);
    }

    StateDigest copy() {
        StateDigest copy = new StateDigest();
        System.arraycopy(counts, 0, copy.counts, 0, counts.length);
        System.arraycopy(sums, 0, copy.sums, 0, sums.length);
        return copy;
    }

    /** How many entries there are in some key groups. */
    long count(KeyGroupRange keyGroups) {
        long count = 0;
        for (int group = keyGroups.first(); group <= keyGroups.last(); group++) {
            count += counts[group];
        }
        return count;
    }

    /** Reports key groups in which this, what was found, is not what was expected. */
    void compare(StateDigest expected, KeyGroupRange keyGroups, WrongAnswers wrong) {
        for (int group = keyGroups.first(); group <= keyGroups.last(); group++) {
            if (counts[group] != expected.counts[group] || sums[group] != expected.sums[group]) {
                wrong.add("key group " + group + ": " + counts[group] + " entries with digest "
                        + Long.toHexString(sums[group]) + ", expected were " + expected.counts[group] + " with "
                        + Long.toHexString(expected.sums[group]));
            }
        }
    }

    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int group = 0; group < counts.length; group++) {
            text.append(counts[group]).append(' ').append(sums[group]).append('\n');
        }
        Files.writeString(file, text);
    }

    static StateDigest read(Path file) throws IOException {
        StateDigest digest = new StateDigest();
        List<String> lines = Files.readAllLines(file);
        for (int group = 0; group < digest.counts.length; group++) {
            String[] numbers = lines.get(group).split(" ");
            digest.counts[group] = Long.parseLong(numbers[0]);
            digest.sums[group] = Long.parseLong(numbers[1]);
        }
        return digest;
    }

    private static long hash(long directory, byte[] name, FileRecord record) {
        long hash = mix(0xCBF29CE484222325L, directory);
        for (byte each : name) {
            hash = (hash ^ each) * PRIME;
        }
        hash = mix(hash, record.inode());
        hash = mix(hash, record.parent());
        hash = mix(hash, record.size());
        hash = mix(hash, record.modified());
        hash = mix(hash, (long) record.uid() << 32 | record.gid());
        hash = mix(hash, (long) record.permissions() << 32 | record.type());
        return mix(hash, (long) record.owner().hashCode() << 32 | record.group().hashCode() & 0xFFFFFFFFL);
    }

    private static long mix(long hash, long word) {
        long mixed = (hash ^ word) * 0x9E3779B97F4A7C15L;
        return mixed ^ mixed >>> 29;
    }
}
