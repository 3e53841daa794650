package dev.keybed.demo;

import java.nio.file.Path;

/**
 * Where the processes of a {@link CrashRun} find what they pass to each other.
 *
 * @param directory a directory of its own
 */
record CrashPaths(Path directory) {

    /** The snapshot that the first process starts from. */
    Path start() {
        return directory.resolve("start.kbs");
    }

    /** What that one ought to hold. */
    Path startDigest() {
        return directory.resolve("start.digest");
    }

    /** The store of the first process. */
    Path store() {
        return directory.resolve("store");
    }

    /** The checkpoint that it writes. */
    Path checkpoint() {
        return directory.resolve("checkpoint.kbs");
    }

    /** What it held at that moment, by its own record. */
    Path checkpointDigest() {
        return directory.resolve("checkpoint.digest");
    }

    /** The stores of the second process. */
    Path recovered(int task) {
        return directory.resolve("recovered-" + task);
    }
}
