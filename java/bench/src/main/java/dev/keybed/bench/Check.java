package dev.keybed.bench;

import java.util.Arrays;

/** Makes a benchmark fail before it measures something that is not what it says. */
final class Check {
    /** How often each method is tried. */
    static final int CALLS = 500;

    /** A benchmark method. */
    interface Method {
        long call() throws Exception;
    }

    private Check() {}

    static void same(String what, long key, byte[] ours, byte[] theirs) {
        if (ours == null || !Arrays.equals(ours, theirs)) {
            throw new IllegalStateException("%s of key %d: keybed gives %s, rocksdbjni %s"
                    .formatted(what, key, Arrays.toString(ours), Arrays.toString(theirs)));
        }
    }

    /** Throws unless all methods give the same results for the same keys. */
    static void sameResults(RandomKeys keys, Method... methods) {
        long[] first = results(keys, methods[0]);
        for (Method method : methods) {
            long[] results = results(keys, method);
            int mismatch = Arrays.mismatch(first, results);
            if (mismatch >= 0) {
                throw new IllegalStateException("call %d: the first method gives %d, another %d"
                        .formatted(mismatch, first[mismatch], results[mismatch]));
            }
        }
        keys.restart();
    }

    /** Calls a method, from the beginning of the keys; returns what it gave. */
    static long[] results(RandomKeys keys, Method method) {
        keys.restart();
        long[] results = new long[CALLS];
        try {
            for (int i = 0; i < CALLS; i++) {
                results[i] = method.call();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return results;
    }
}
