package dev.keybed;

/**
 * What was written of a snapshot.
 *
 * @param id its id, 32 hexadecimal digits
 * @param bytes its length
 * @param blocks blocks of entries
 * @param entries entries of all states
 */
public record SnapshotSummary(String id, long bytes, long blocks, long entries) {

    static SnapshotSummary of(String[] words) {
        Words rest = new Words(words);
        return new SnapshotSummary(rest.text(), rest.longNumber(), rest.longNumber(), rest.longNumber());
    }
}
