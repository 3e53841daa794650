package dev.keybed.demo;

import java.util.List;

/**
 * Resolves sampled paths against the clock, each component with one get. Names are turned into bytes before; the timed
 * loop allocates nothing, and that is measured.
 */
final class LookupRun {
    private final PathResolver resolver;
    private final byte[][][] paths;
    private final long[] answers;
    private final HeapMeter heap = new HeapMeter();
    private Rate timed;

    LookupRun(EntryIndex index, long root, List<SampledEntry> sample) {
        resolver = new PathResolver(index, root);
        paths = sample.stream().map(SampledEntry::components).toArray(byte[][][]::new);
        answers = new long[paths.length];
    }

    void run(Timing timing) {
        timing.warmUp(this::resolveAll);
        heap.start();
        timed = timing.measure(this::resolveAll);
        heap.stop();
    }

    /** Resolves all paths; returns how many gets that took. */
    private long resolveAll() {
        long gets = resolver.gets();
        for (int i = 0; i < paths.length; i++) {
            answers[i] = resolver.resolve(paths[i], paths[i].length);
        }
        return resolver.gets() - gets;
    }

    /** The inode that each path led to, in the order of the sample. */
    long[] answers() {
        return answers;
    }

    /** How many gets were made in the timed part, and how long it took. */
    Rate timed() {
        return timed;
    }

    /** What the timed part did to the Java heap. */
    HeapMeter heap() {
        return heap;
    }
}
