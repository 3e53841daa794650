package dev.keybed;

import java.util.Optional;

/**
 * A file of a snapshot of a {@link SnapshotSeries}. It is never changed.
 *
 * @param name its name in the directory
 * @param identity files of the same identity are the same, whatever snapshots they are in: who has one need not copy the
 *     other. 32 hexadecimal digits
 * @param bytes its length
 * @param crc32c the checksum of all its bytes, not negative
 * @param shared whether other snapshots may have it, too
 * @param keyGroups the key groups that have entries in it, if it has entries
 */
public record SnapshotFile(
        String name, String identity, long bytes, long crc32c, boolean shared, Optional<KeyGroupRange> keyGroups) {

    /** From words of native code, in their order. */
    static SnapshotFile read(Words words) {
        String name = words.text();
        String identity = words.text();
        long bytes = words.longNumber();
        long crc32c = words.longNumber();
        boolean shared = Boolean.parseBoolean(words.text());
        String first = words.text();
        String last = words.text();
        Optional<KeyGroupRange> keyGroups = first.isEmpty()
                ? Optional.empty()
                : Optional.of(new KeyGroupRange(Integer.parseInt(first), Integer.parseInt(last)));
        return new SnapshotFile(name, identity, bytes, crc32c, shared, keyGroups);
    }
}
