package dev.keybed.demo.flink;

/**
 * All that is told of a word.
 *
 * @param occurrences how often it comes
 * @param passages how many passages it has
 * @param inLongest occurrences in the passage that has most
 * @param digest sum of {@link Passage#digest}
 */
record WordResult(long occurrences, long passages, long inLongest, long digest) {

    WordResult withPassage(long firstLine, long lastLine, long count) {
        return new WordResult(
                occurrences, passages + 1, Math.max(inLongest, count), digest + Passage.digest(firstLine, lastLine, count));
    }
}
