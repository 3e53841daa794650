package dev.keybed.flink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.state.KeyGroupRange;

/**
 * How checkpoints and native savepoints are written: the state as blocks of the native snapshot, which no one takes apart.
 *
 * <pre>
 *  int magic "KBF1"    then as Flink's own snapshots begin: key serializer and states (KeyedBackendSerializationProxy)
 *  section ...         of one or more neighbouring key groups; the offset of each of these is where it begins
 *
 *  section             int length, that many bytes ...   together a snapshot file of these key groups (docs/snapshots.md)
 *                      int 0
 *                      of each queue of timers: short key group, int count, timers ...
 *                                               short -1
 * </pre>
 *
 * Without states there are no bytes before the 0. A task that restores takes the sections that have key groups of its own, and of
 * these what is its own.
 */
final class NativeFormat {
    static final int MAGIC = 0x4B424631;
    static final int END_OF_BLOCKS = 0;
    static final int END_OF_TIMERS = -1;

    /** A section is a file when it is restored, and each has its head and index. */
    private static final int MOST_SECTIONS = 128;

    private NativeFormat() {}

    static List<KeyGroupRange> sections(KeyGroupRange groups) {
        int size = (groups.getNumberOfKeyGroups() + MOST_SECTIONS - 1) / MOST_SECTIONS;
        List<KeyGroupRange> sections = new ArrayList<>();
        for (int first = groups.getStartKeyGroup(); first <= groups.getEndKeyGroup(); first += size) {
            sections.add(KeyGroupRange.of(first, Math.min(first + size - 1, groups.getEndKeyGroup())));
        }
        return sections;
    }
}
