package dev.keybed.demo;

import dev.keybed.EntryCursor;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares scans of sampled directories with the file system's own listings, names and their order. */
final class ListingCheck {
    private final EntryIndex index;
    private final ChangeWatch watch;
    private final WrongAnswers wrong;
    private long right;
    private long changed;

    ListingCheck(EntryIndex index, ChangeWatch watch, WrongAnswers wrong) {
        this.index = index;
        this.watch = watch;
        this.wrong = wrong;
    }

    void run(List<Directory> sample, Progress progress) {
        for (Directory directory : sample) {
            check(directory);
            progress.add(1);
        }
    }

    private void check(Directory directory) {
        List<byte[]> stored = scan(directory);
        List<byte[]> actual = list(directory);
        if (actual != null && Arrays.deepEquals(stored.toArray(), actual.toArray())) {
            right++;
        } else if (watch.hasChanged(directory)) {
            changed++;
        } else {
            String listed = actual == null ? "cannot be listed" : "has " + actual.size();
            wrong.add(directory.path(), "the scan has " + stored.size() + " names, the file system " + listed
                    + ", or their order is not that of their bytes");
        }
    }

    private List<byte[]> scan(Directory directory) {
        List<byte[]> names = new ArrayList<>();
        EntryCursor cursor = index.list(directory.inode());
        while (cursor.next()) {
            names.add(cursor.key().readRemaining());
        }
        return names;
    }

    /** The names in the order of their bytes, which is the order of a scan; null if they cannot be read any more. */
    private static List<byte[]> list(Directory directory) {
        List<byte[]> names = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory.path())) {
            for (Path path : paths) {
                names.add(NameBytes.of(path));
            }
        } catch (IOException | DirectoryIteratorException | IllegalArgumentException e) {
            return null;
        }
        names.sort(Arrays::compareUnsigned);
        return names;
    }

    /** How many listings were equal to the file system's. */
    long right() {
        return right;
    }

    /** How many could not be checked, because the directory has changed since it was stored. */
    long changed() {
        return changed;
    }
}
