package dev.keybed.demo.flink;

/** A passage in which a word keeps coming back, and what is told of all the passages of a word. */
final class Passage {
    /** A passage ends when the word does not come for so many lines. */
    static final int GAP_LINES = 30;
    /** Event time of a line: a second after the line before. */
    static final long MILLIS_PER_LINE = 1_000;

    private Passage() {}

    /** A number that passages of other lines or counts do not have; those of all passages are added up. */
    static long digest(long firstLine, long lastLine, long occurrences) {
        long z = (firstLine * 0x9e3779b97f4a7c15L + lastLine) * 0x9e3779b97f4a7c15L + occurrences;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
