package dev.keybed.demo.flink;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The count without Flink: files read from the first line to the last, maps on the heap. */
final class PlainCount {
    private static final class Counter {
        private long occurrences;
        private WordResult passages = new WordResult(0, 0, 0, 0);
        private long firstLine;
        private long lastLine;
        private long inThisPassage;

        void add(long line) {
            occurrences++;
            if (inThisPassage > 0 && line - lastLine > Passage.GAP_LINES) {
                endPassage();
            }
            firstLine = inThisPassage == 0 ? line : firstLine;
            lastLine = line;
            inThisPassage++;
        }

        private void endPassage() {
            passages = passages.withPassage(firstLine, lastLine, inThisPassage);
            inThisPassage = 0;
        }

        WordResult result() {
            endPassage();
            return new WordResult(occurrences, passages.passages(), passages.inLongest(), passages.digest());
        }
    }

    private PlainCount() {}

    static Map<String, WordResult> of(Corpus corpus) throws IOException {
        Map<String, Counter> counters = new HashMap<>();
        for (TextFile file : corpus.files()) {
            try (BufferedReader reader = TextFile.open(Path.of(file.path()))) {
                for (int i = 0; i < file.lines(); i++) {
                    long line = file.firstLine() + i;
                    Words.of(reader.readLine(), word -> counters.computeIfAbsent(word, w -> new Counter()).add(line));
                }
            }
        }
        Map<String, WordResult> results = new HashMap<>();
        counters.forEach((word, counter) -> results.put(word, counter.result()));
        return results;
    }
}
