package dev.keybed.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * How far the source may read, and how far it has: numbers in files, because the test and the TaskManagers are different
 * processes.
 */
public final class Mark {
    private final Path directory;

    public Mark(String directory) {
        this.directory = Path.of(directory);
    }

    /** The test lets each partition go on to this index. */
    public void set(int index) {
        write("mark", index);
    }

    /** How far each partition may go. */
    int get() {
        return read("mark");
    }

    /** A partition has come to the mark. */
    void reached(int partition, int index) {
        write("reached-" + partition, index);
    }

    /** Whether all partitions have come to this index. */
    public boolean isReached(int index) {
        for (int partition = 0; partition < Input.PARTITIONS; partition++) {
            if (read("reached-" + partition) < index) {
                return false;
            }
        }
        return true;
    }

    /** Forgets how far partitions have come: a job that is restored may be further back. */
    public void forget() {
        for (int partition = 0; partition < Input.PARTITIONS; partition++) {
            write("reached-" + partition, 0);
        }
    }

    private int read(String name) {
        try {
            Path file = directory.resolve(name);
            return Files.exists(file) ? Integer.parseInt(Files.readString(file)) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Renamed into place: a reader never sees half a number. */
    private void write(String name, int index) {
        try {
            Path file = Files.createTempFile(directory, name, ".new");
            Files.writeString(file, Integer.toString(index));
            Files.move(file, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
