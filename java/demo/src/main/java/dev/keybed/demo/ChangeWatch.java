package dev.keybed.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;

/**
 * Tells a wrong answer from a right one that has become outdated: whether a file has changed since it was stored. Asked
 * only when an answer and the file system differ.
 */
final class ChangeWatch {
    /** The clock of file times moves in steps of up to 10 ms: two changes in one step leave the same time behind. */
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** The file system of processes: its times are those of a first look, whatever changes after it. */
    private static final String KEEPS_NO_TIMES = "proc";

    private final long recent;

    /** Begin before the walk does. */
    ChangeWatch() {
        recent = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - STEP_NANOS;
    }

    /** Whether the entry is gone, or another file, or the same with other attributes. */
    boolean hasChanged(SampledEntry entry) {
        return hasChanged(entry.path(), entry.changed())
                || isReplaced(entry.directory())
                || keepsNoTimes(entry.directory());
    }

    /** Whether the directory is gone, or another, or may have other entries. */
    boolean hasChanged(Directory directory) {
        return hasChanged(directory.path(), directory.changed()) || isReplaced(directory) || keepsNoTimes(directory);
    }

    private boolean hasChanged(Path path, long changedWhenStored) {
        try {
            FileTime time = (FileTime) Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
            long changed = time.to(TimeUnit.NANOSECONDS);
            return changed != changedWhenStored || changed >= recent;
        } catch (IOException e) {
            // Gone, or out of reach; when it was stored it was neither.
            return true;
        }
    }

    /** Whether nothing can tell: then what differs is not held against the store. */
    private static boolean keepsNoTimes(Directory directory) {
        try {
            return Files.getFileStore(directory.path()).type().equals(KEEPS_NO_TIMES);
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean isReplaced(Directory directory) {
        try {
            return FileStatus.inode(directory.path()) != directory.inode();
        } catch (IOException e) {
            return true;
        }
    }
}
