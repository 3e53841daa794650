package dev.keybed.demo;

import dev.keybed.KeyGroupRange;
import dev.keybed.Snapshot;
import dev.keybed.SnapshotOptions;
import dev.keybed.SnapshotSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * The process that is killed: looks up and writes, has a checkpoint written meanwhile by another thread, and goes on looking up and
 * writing until somebody ends it.
 */
final class Worker {
    static final String CHECKPOINT = "checkpoint";
    static final String LATER = "later";

    private static final int WRITES_BEFORE = 20_000;
    private static final int WRITES_AFTER = 5_000;
    /** An orphan does not stay for ever. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);

    private Worker() {}

    /**
     * Runs; see {@link CrashPaths}.
     *
     * @param words engine and directory
     */
    public static void main(String[] words) throws IOException, InterruptedException, ExecutionException {
        String engine = words[0];
        CrashPaths paths = new CrashPaths(Path.of(words[1]));
        KeyGroupRange all = KeyGroupRange.all(EntryIndex.KEY_GROUPS);
        StateDigest digest = StateDigest.read(paths.startDigest());
        WrongAnswers wrong = new WrongAnswers();
        try (EntryIndex index = EntryIndex.restore(paths.store(), engine, all, List.of(paths.start()))) {
            Churn churn = new Churn(index, digest, wrong);
            ScannedState.read(index, all, churn::offer).compare(digest, all, wrong);
            while (churn.writes() < WRITES_BEFORE) {
                churn.step();
            }
            // The moment: what was written so far, by the record of the one who wrote it.
            StateDigest expected = digest.copy();
            Snapshot snapshot = index.snapshot();
            checkpoint(snapshot, paths, churn);
            expected.write(paths.checkpointDigest());
            Messages.sendWrong(wrong);
            long writes = churn.writes();
            long begin = System.nanoTime();
            boolean told = false;
            while (System.nanoTime() - begin < LONGEST_NANOS) {
                churn.step();
                if (!told && churn.writes() - writes >= WRITES_AFTER) {
                    Messages.send(LATER, churn.writes() - WRITES_BEFORE);
                    told = true;
                }
            }
        }
    }

    private static void checkpoint(Snapshot snapshot, CrashPaths paths, Churn churn)
            throws InterruptedException, ExecutionException {
        FutureTask<SnapshotSummary> task = new FutureTask<>(() -> {
            try (snapshot) {
                // Each key group may be overwritten in place as soon as it is in the file.
                return snapshot.writeTo(
                        paths.checkpoint(), SnapshotOptions.builder().releaseKeyGroups(true).build());
            }
        });
        long lookups = churn.lookups();
        long begin = System.nanoTime();
        new Thread(task, "checkpoint").start();
        do {
            churn.step();
        } while (!task.isDone());
        long nanos = System.nanoTime() - begin;
        SnapshotSummary summary = task.get();
        Messages.send(CHECKPOINT, nanos, summary.entries(), summary.bytes(), churn.lookups() - lookups);
    }
}
