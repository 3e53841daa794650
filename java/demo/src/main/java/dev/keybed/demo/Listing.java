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

/** The names in a directory, in the order in which they were found or sorted. */
final class Listing {
    private final List<byte[]> names = new ArrayList<>();

    private Listing() {}

    /** What a scan of the index shows, in its order. */
    static Listing stored(EntryIndex index, Directory directory) {
        Listing listing = new Listing();
        EntryCursor cursor = index.list(directory.inode());
        while (cursor.next()) {
            listing.names.add(cursor.key().readRemaining());
        }
        return listing;
    }

    /** What the file system has now, in the order of bytes, which is that of a scan; null if it cannot be read any more. */
    static Listing live(Directory directory) {
        Listing listing = new Listing();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory.path())) {
            for (Path path : paths) {
                listing.names.add(NameBytes.of(path));
            }
        } catch (IOException | DirectoryIteratorException | IllegalArgumentException e) {
            return null;
        }
        listing.names.sort(Arrays::compareUnsigned);
        return listing;
    }

    /** Whether the names are the same, in the same order. */
    boolean isLike(Listing other) {
        return other != null && Arrays.deepEquals(names.toArray(), other.names.toArray());
    }

    /** Where a scan first differs from what the file system has: what to look for, in words. */
    String differenceFrom(Listing live) {
        if (live == null) {
            return "the scan has " + names.size() + " names, the directory cannot be listed";
        }
        int first = 0;
        while (first < names.size() && first < live.names.size()
                && Arrays.equals(names.get(first), live.names.get(first))) {
            first++;
        }
        return "name " + (first + 1) + " is " + name(first) + " in the scan (of " + names.size() + "), "
                + live.name(first) + " in the file system (of " + live.names.size() + ")";
    }

    private String name(int i) {
        return i < names.size() ? "'" + NameBytes.printable(names.get(i)) + "'" : "missing";
    }
}
