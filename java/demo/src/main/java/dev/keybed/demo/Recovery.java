package dev.keybed.demo;

import dev.keybed.KeyGroupRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The process after the crash: two tasks, each with a store of half the key groups, where there was one. */
final class Recovery {
    static final String RECOVERED = "recovered";
    static final int TASKS = 2;

    private Recovery() {}

    /**
     * Runs; see {@link CrashPaths}.
     *
     * @param words engine and directory
     */
    public static void main(String[] words) throws IOException {
        String engine = words[0];
        CrashPaths paths = new CrashPaths(Path.of(words[1]));
        StateDigest expected = StateDigest.read(paths.checkpointDigest());
        WrongAnswers wrong = new WrongAnswers();
        for (int task = 0; task < TASKS; task++) {
            KeyGroupRange own = KeyGroupRange.ofTask(EntryIndex.KEY_GROUPS, TASKS, task);
            long begin = System.nanoTime();
            try (EntryIndex index =
                    EntryIndex.restore(paths.recovered(task), engine, own, List.of(paths.checkpoint()))) {
                long nanos = System.nanoTime() - begin;
                StateDigest found = ScannedState.read(index, own, (directory, name, record) -> {});
                found.compare(expected, own, wrong);
                Messages.send(RECOVERED, nanos, found.count(own));
            }
        }
        Messages.sendWrong(wrong);
    }
}
