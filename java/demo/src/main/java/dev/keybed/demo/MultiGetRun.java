package dev.keybed.demo;

import dev.keybed.DirectInput;
import dev.keybed.MultiGet;
import java.util.Arrays;
import java.util.List;

/**
 * Resolves the sampled paths once more against the clock, many side by side: one call gets the first component of each,
 * the next call the second, and so on. Compares with what single gets found.
 */
final class MultiGetRun {
    private static final int PATHS_PER_CALL = 100;

    private final EntryIndex index;
    private final long root;
    private final byte[][][] paths;
    private final long[] answers;

    /** Of each key of a call: the number of its path. */
    private final int[] pathOfKey = new int[PATHS_PER_CALL];

    MultiGetRun(EntryIndex index, long root, List<SampledEntry> sample) {
        this.index = index;
        this.root = root;
        paths = sample.stream().map(SampledEntry::components).toArray(byte[][][]::new);
        answers = new long[paths.length];
    }

    /** Runs; returns how many keys were asked for in the timed part, and how long it took. */
    Rate run(Timing timing) {
        try (MultiGet multiGet = index.newMultiGet()) {
            timing.warmUp(() -> resolveAll(multiGet));
            return timing.measure(() -> resolveAll(multiGet));
        }
    }

    /** Reports paths that led elsewhere than those of single gets. */
    void compare(List<SampledEntry> sample, long[] expected, WrongAnswers wrong) {
        for (int i = 0; i < answers.length; i++) {
            if (answers[i] != expected[i]) {
                wrong.add(sample.get(i).path(), "multi-get found inode " + answers[i] + ", get " + expected[i]);
            }
        }
    }

    /** Resolves all paths; returns how many keys that took. */
    private long resolveAll(MultiGet multiGet) {
        long keys = 0;
        for (int from = 0; from < paths.length; from += PATHS_PER_CALL) {
            keys += resolve(multiGet, from, Math.min(from + PATHS_PER_CALL, paths.length));
        }
        return keys;
    }

    private long resolve(MultiGet multiGet, int from, int to) {
        Arrays.fill(answers, from, to, root);
        long keys = 0;
        int level = 0;
        int asked;
        do {
            asked = ask(multiGet, from, to, level);
            keys += asked;
            level++;
        } while (asked > 0);
        return keys;
    }

    /** One step of all paths that are long enough and not lost; returns how many those are. */
    private int ask(MultiGet multiGet, int from, int to, int level) {
        multiGet.clear();
        for (int i = from; i < to; i++) {
            if (level < paths[i].length && answers[i] != PathResolver.ABSENT) {
                index.select(answers[i], paths[i][level]);
                pathOfKey[multiGet.size()] = i;
                multiGet.add();
            }
        }
        multiGet.execute();
        for (int i = 0; i < multiGet.size(); i++) {
            DirectInput record = multiGet.value(i);
            answers[pathOfKey[i]] = record == null ? PathResolver.ABSENT : FileRecordCodec.inode(record);
        }
        return multiGet.size();
    }
}
