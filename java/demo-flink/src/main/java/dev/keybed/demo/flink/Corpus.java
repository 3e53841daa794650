package dev.keybed.demo.flink;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The text files of directories, in the order of their paths, and so a number for each line. Symbolic links are not followed. */
final class Corpus implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ArrayList<TextFile> files = new ArrayList<>();
    private int found;
    private int unreadable;
    private int leftOut;
    private long lines;
    private long words;

    /**
     * Reads all files once.
     *
     * @param mostWords with so many words no more files are taken
     */
    static Corpus of(List<Path> directories, long mostWords) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (Path directory : directories) {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()) {
                        paths.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                /** A directory that may not be entered is left out. */
                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        Collections.sort(paths);
        Corpus corpus = new Corpus();
        corpus.found = paths.size();
        for (Path path : paths) {
            if (corpus.words >= mostWords) {
                corpus.leftOut++;
            } else {
                corpus.add(path);
            }
        }
        return corpus;
    }

    private void add(Path path) {
        try {
            if (!isNamed(path)) {
                unreadable++;
                return;
            }
            if (!TextFile.isText(path)) {
                return;
            }
            int count = 0;
            long[] wordsHere = new long[1];
            try (BufferedReader reader = TextFile.open(path)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    count++;
                    Words.of(line, word -> wordsHere[0]++);
                }
            }
            if (count > 0) {
                files.add(new TextFile(path.toString(), lines, count));
                lines += count;
                words += wordsHere[0];
            }
        } catch (IOException e) {
            unreadable++;
        }
    }

    /** Whether the file is found by its name as text; in some locales not all are. */
    private static boolean isNamed(Path path) {
        try {
            return Path.of(path.toString()).equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    List<TextFile> files() {
        return files;
    }

    long lines() {
        return lines;
    }

    long words() {
        return words;
    }

    /** What was found, for people. */
    String describe() {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%,d text files, %,d lines, %,d words", files.size(), lines, words));
        text.append(String.format(" (of %,d files, %,d are not text or empty", found, found - files.size() - unreadable - leftOut));
        if (unreadable > 0) {
            text.append(String.format(", %,d cannot be read", unreadable));
        }
        if (leftOut > 0) {
            text.append(String.format(", %,d were left out to end soon; --words N takes more", leftOut));
        }
        return text.append(")").toString();
    }
}
