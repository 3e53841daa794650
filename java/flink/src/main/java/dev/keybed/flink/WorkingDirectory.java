package dev.keybed.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a backend keeps its files:
 *
 * <pre>
 *  store        the store
 *  restore      what is restored from, until that is done
 *  snapshots    of incremental checkpoints, until they are written
 * </pre>
 *
 * <p>The backend holds it, and so does each snapshot that is being written: it may outlive the backend, and then keeps the store open,
 * which goes on writing files. The last one deletes it. Thread-safe.
 */
final class WorkingDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(WorkingDirectory.class);

    private final Path base;
    private int holders = 1;

    /** Held once. */
    WorkingDirectory(Path base) {
        this.base = base;
    }

    Path store() {
        return base.resolve("store");
    }

    Path restore() {
        return base.resolve("restore");
    }

    /** Makes it, if it is not there. */
    Path snapshots() throws IOException {
        return Files.createDirectories(base.resolve("snapshots"));
    }

    void create() throws IOException {
        Files.createDirectories(base);
    }

    synchronized void hold() {
        holders++;
    }

    synchronized void release() {
        holders--;
        if (holders == 0) {
            delete(base);
        }
    }

    /** Deletes a directory with all that is in it; what cannot be deleted is logged. */
    static void delete(Path directory) {
        try {
            FileUtils.deleteDirectory(directory.toFile());
        } catch (IOException e) {
            LOG.warn("Could not delete Keybed's working directory {}.", directory, e);
        }
    }
}
