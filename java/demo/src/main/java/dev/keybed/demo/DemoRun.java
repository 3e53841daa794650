package dev.keybed.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The steps of the demo, in order: store a tree, ask, check, rewrite, reopen, check, restore, ask and check again; then a checkpoint,
 * a crash and a recovery.
 */
final class DemoRun {
    private final Arguments arguments;
    private final String engine;
    private final Path tree;
    private final Path store;
    private final Path excluded;
    private final Progress progress;
    private final Timing timing;

    private final WrongAnswers wrong = new WrongAnswers();
    private final Report report = new Report();
    private final ChangeWatch watch = new ChangeWatch();
    private final StateDigest digest = new StateDigest();

    private Directory root;
    private List<SampledEntry> entries;
    private List<Directory> directories;
    private Rewrite rewrite;

    /**
     * @param engine the store's engine
     * @param tree the tree to index
     * @param store where the store goes
     * @param excluded what is left out of the tree: a directory that holds the store, or is it
     */
    DemoRun(Arguments arguments, String engine, Path tree, Path store, Path excluded, Progress progress, Timing timing) {
        this.arguments = arguments;
        this.engine = engine;
        this.tree = tree;
        this.store = store;
        this.excluded = excluded;
        this.progress = progress;
        this.timing = timing;
    }

    /** Runs all steps. */
    Report run() throws IOException {
        report.directory = tree;
        report.engine = engine;
        try (EntryIndex index = EntryIndex.create(store, engine)) {
            fillAndAsk(index);
            long begin = System.nanoTime();
            index.close();
            report.closeNanos = System.nanoTime() - begin;
        }
        try (StoreDirectory directory = StoreDirectory.of(null)) {
            CrashRun crash = new CrashRun(engine, new CrashPaths(directory.path()), progress, report, wrong);
            long begin = System.nanoTime();
            try (EntryIndex index = EntryIndex.reopen(store, engine)) {
                report.openNanos = System.nanoTime() - begin;
                askAgain(index);
                crash.prepare(index, digest);
            }
            crash.run();
        }
        report.rewritten = rewrite.size();
        report.wrongAnswers = wrong.count();
        return report;
    }

    private void fillAndAsk(EntryIndex index) throws IOException {
        load(index);
        LookupRun lookups = lookUp(index);
        report.lookups = lookups.timed();
        report.heapBytes = lookups.heap().allocatedBytes();
        report.collections = lookups.heap().collectionCount();
        multiGet(index, lookups.answers());
        scan(index);
        checkListings(index);
        rewrite = new Rewrite(index, entries, wrong);
        progress.begin("rewrite", "records", 0);
        rewrite.flip(index);
        rewrite.checkFlipped(index);
        progress.end(rewrite.size());
    }

    private void askAgain(EntryIndex index) {
        // What was rewritten must have outlived the store's close; only then is it put back.
        progress.begin("check", "rewritten", 0);
        rewrite.checkFlipped(index);
        progress.end(rewrite.size());
        progress.begin("restore", "records", 0);
        rewrite.restore(index);
        rewrite.checkRestored(index);
        progress.end(rewrite.size());
        report.lookupsReopened = lookUp(index).timed();
        fullScan(index);
        checkListings(index);
    }

    WrongAnswers wrong() {
        return wrong;
    }

    private void load(EntryIndex index) throws IOException {
        Samples samples = new Samples(arguments.lookups(), arguments.seed());
        progress.begin("load", "entries", 0);
        try (EntryWriter writer = index.newWriter()) {
            FileStatus ownStore = FileStatus.readAfresh(excluded.toRealPath(), 0);
            TreeWalk walk = new TreeWalk(new RecordedSink(writer, digest), samples, progress, ownStore);
            root = walk.run(tree);
            report.directories = walk.directories();
            report.skipped = walk.skipped();
        }
        report.load = progress.end();
        entries = samples.entries();
        directories = samples.directories();
    }

    /** Looks all sampled paths up, and checks what was found. */
    private LookupRun lookUp(EntryIndex index) {
        LookupRun lookups = new LookupRun(index, root.inode(), entries);
        progress.begin("look up", "gets", 0);
        lookups.run(timing);
        progress.end(lookups.timed());
        RecordCheck check = new RecordCheck(index, root.inode(), watch, wrong);
        progress.begin("check", "paths", entries.size());
        check.run(entries, lookups.answers(), progress);
        progress.end();
        report.pathsChecked += check.right();
        report.pathsChanged += check.changed();
        return lookups;
    }

    private void multiGet(EntryIndex index, long[] expected) {
        MultiGetRun multiGets = new MultiGetRun(index, root.inode(), entries);
        progress.begin("multi-get", "gets", 0);
        report.multiGets = progress.end(multiGets.run(timing));
        multiGets.compare(entries, expected, wrong);
    }

    private void scan(EntryIndex index) {
        ScanRun scans = new ScanRun(index, directories);
        progress.begin("scan", "directories", 0);
        report.scans = progress.end(scans.run(timing));
        report.scannedEntries = new Rate(scans.entries(), report.scans.nanos());
    }

    private void checkListings(EntryIndex index) {
        ListingCheck check = new ListingCheck(index, watch, wrong);
        progress.begin("check", "listings", directories.size());
        check.run(directories, progress);
        progress.end();
        report.listingsChecked += check.right();
        report.listingsChanged += check.changed();
    }

    private void fullScan(EntryIndex index) {
        progress.begin("full scan", "entries", 0);
        report.fullScan = progress.end(new FullScan(index, wrong).run(report.load.count()));
    }
}
