package dev.keybed.demo;

import dev.keybed.KeyGroupRange;
import dev.keybed.SnapshotOptions;
import java.io.IOException;
import java.util.Locale;

/**
 * A checkpoint, a crash, a recovery with more tasks.
 *
 * <pre>
 *   here       the store's state in a snapshot, and what it ought to hold     {@link StateDigest}, from the walk
 *   a process  restores it; looks up and writes; a checkpoint meanwhile;      {@link Worker}
 *              goes on looking up and writing, and is killed by SIGKILL
 *   another    restores the checkpoint into two stores of half the key        {@link Recovery}
 *              groups each, and compares all they hold with the record
 *              that the first one kept of what it wrote up to that moment
 * </pre>
 */
final class CrashRun {
    private final String engine;
    private final CrashPaths paths;
    private final Progress progress;
    private final Report report;
    private final WrongAnswers wrong;

    CrashRun(String engine, CrashPaths paths, Progress progress, Report report, WrongAnswers wrong) {
        this.engine = engine;
        this.paths = paths;
        this.progress = progress;
        this.report = report;
        this.wrong = wrong;
    }

    /** Writes what the first process starts from. */
    void prepare(EntryIndex index, StateDigest digest) throws IOException {
        digest.write(paths.startDigest());
        try (var snapshot = index.snapshot()) {
            snapshot.writeTo(paths.start(), SnapshotOptions.defaults());
        }
    }

    void run() throws IOException {
        workAndDie();
        recover();
        long expected = StateDigest.read(paths.checkpointDigest()).count(KeyGroupRange.all(EntryIndex.KEY_GROUPS));
        if (report.recovered.count() != expected || report.checkpoint.count() != expected) {
            wrong.add("the checkpoint has " + report.checkpoint.count() + " entries, the stores made of it "
                    + report.recovered.count() + "; there were " + expected);
        }
    }

    private void workAndDie() throws IOException {
        progress.begin("checkpoint", "entries", 0);
        try (ChildProcess worker = start(Worker.class)) {
            long[] checkpoint = worker.await(Worker.CHECKPOINT);
            report.checkpoint = progress.end(new Rate(checkpoint[1], checkpoint[0]));
            report.checkpointBytes = checkpoint[2];
            report.lookupsMeanwhile = new Rate(checkpoint[3], checkpoint[0]);
            long later = worker.await(Worker.LATER)[0];
            long pid = worker.pid();
            int code = worker.kill();
            if (code != ChildProcess.KILLED) {
                wrong.add("process " + pid + " was to be killed, and ended with exit code " + code);
            }
            progress.note(
                    "kill -9",
                    String.format(Locale.ROOT, "process %d, at least %,d writes after the checkpoint", pid, later));
        }
    }

    private void recover() throws IOException {
        progress.begin("recover", "entries", 0);
        long entries = 0;
        long nanos = 0;
        try (ChildProcess recovery = start(Recovery.class)) {
            for (int task = 0; task < Recovery.TASKS; task++) {
                long[] recovered = recovery.await(Recovery.RECOVERED);
                nanos += recovered[0];
                entries += recovered[1];
            }
            recovery.end();
        }
        report.recovered = progress.end(new Rate(entries, nanos));
    }

    private ChildProcess start(Class<?> main) throws IOException {
        return new ChildProcess(wrong, main, engine, paths.directory().toString());
    }
}
