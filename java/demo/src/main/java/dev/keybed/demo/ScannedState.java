package dev.keybed.demo;

import dev.keybed.DirectInput;
import dev.keybed.EntryCursor;
import dev.keybed.KeyGroupRange;

/** Reads all that a store holds. */
final class ScannedState {

    private ScannedState() {}

    /** Takes the entries that are read. */
    @FunctionalInterface
    interface Each {
        void accept(long directory, byte[] name, FileRecord record);
    }

    /** The digest of all entries of some key groups; {@code each} sees them, too. */
    static StateDigest read(EntryIndex index, KeyGroupRange keyGroups, Each each) {
        StateDigest digest = new StateDigest();
        for (int group = keyGroups.first(); group <= keyGroups.last(); group++) {
            try (EntryCursor cursor = index.listGroup(group)) {
                while (cursor.next()) {
                    DirectInput key = cursor.key();
                    long directory = key.readLong();
                    byte[] name = key.readRemaining();
                    FileRecord record = FileRecordCodec.read(cursor.value());
                    digest.add(directory, name, record);
                    each.accept(directory, name, record);
                }
            }
        }
        return digest;
    }
}
