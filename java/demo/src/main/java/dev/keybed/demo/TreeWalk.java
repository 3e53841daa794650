package dev.keybed.demo;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Walks a tree and hands every entry to a sink that stores it. Follows no symbolic links and stays on the device of the root.
 *
 * <p>The tree may change meanwhile; what cannot be read is counted and left out, and nothing in it ends the walk.
 */
final class TreeWalk {
    private final EntrySink sink;
    private final Samples samples;
    private final Progress progress;
    /** The directory that is being written to meanwhile: it may lie inside the tree. */
    private final FileStatus ownStore;

    private final SkipCounts skipped = new SkipCounts();
    private final PrincipalNames names = new PrincipalNames();
    private final Deque<Directory> pending = new ArrayDeque<>();
    /** Directories met so far. Each is walked once, so no two entries have the same directory and name. */
    private final Set<Long> met = new HashSet<>();

    private long device;
    private long entries;
    private long directories;

    TreeWalk(EntrySink sink, Samples samples, Progress progress, FileStatus ownStore) {
        this.sink = sink;
        this.samples = samples;
        this.progress = progress;
        this.ownStore = ownStore;
    }

    /**
     * Walks the tree below {@code path}, which is stored as the key of its entries only.
     *
     * @throws IOException if the root itself cannot be read
     */
    Directory run(Path path) throws IOException {
        FileStatus status = FileStatus.read(path, 0, names);
        device = status.device();
        Directory root = new Directory(null, new byte[0], path, status.record().inode(), status.changed());
        met.add(root.inode());
        pending.push(root);
        while (!pending.isEmpty()) {
            walk(pending.pop());
        }
        sink.commit();
        return root;
    }

    private void walk(Directory directory) {
        // First all names, then their attributes: the listing is as short a moment as it can be, and a name that the
        // system gives twice because the directory is changing is one entry.
        Set<Path> paths = new LinkedHashSet<>();
        boolean complete = list(directory, paths);
        for (Path path : paths) {
            complete &= store(directory, path);
        }
        directories++;
        if (complete) {
            samples.offer(directory);
        }
    }

    private boolean list(Directory directory, Set<Path> paths) {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory.path())) {
            stream.forEach(paths::add);
            return true;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return skip(SkipReason.VANISHED);
        } catch (IOException | DirectoryIteratorException e) {
            return skip(SkipReason.UNREADABLE);
        }
    }

    /** Stores an entry; returns false if it was left out. */
    private boolean store(Directory directory, Path path) {
        byte[] name;
        FileStatus status;
        try {
            name = NameBytes.of(path);
            status = FileStatus.read(path, directory.inode(), names);
        } catch (IllegalArgumentException e) {
            return skip(SkipReason.ODD_NAME);
        } catch (NoSuchFileException e) {
            return skip(SkipReason.VANISHED);
        } catch (IOException e) {
            return skip(SkipReason.UNREADABLE);
        }
        return store(directory, new SampledEntry(directory, name, path, status.changed()), status);
    }

    private boolean store(Directory directory, SampledEntry entry, FileStatus status) {
        FileRecord record = status.record();
        if (status.device() != device) {
            return skip(SkipReason.OTHER_DEVICE);
        }
        if (status.device() == ownStore.device() && record.inode() == ownStore.record().inode()) {
            return skip(SkipReason.OWN_STORE);
        }
        sink.add(directory.inode(), entry.name(), record);
        samples.offer(entry);
        entries++;
        progress.add(1);
        if (record.isDirectory()) {
            if (met.add(record.inode())) {
                pending.push(new Directory(directory, entry.name(), entry.path(), record.inode(), status.changed()));
            } else {
                skip(SkipReason.SEEN_BEFORE);
            }
        }
        return true;
    }

    private boolean skip(SkipReason reason) {
        skipped.add(reason);
        return false;
    }

    long entries() {
        return entries;
    }

    long directories() {
        return directories;
    }

    SkipCounts skipped() {
        return skipped;
    }
}
