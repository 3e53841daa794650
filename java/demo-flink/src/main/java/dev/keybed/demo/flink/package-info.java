/**
 * A Flink job on real input, with Keybed as its state backend: the words of the text files of directories, and the passages in
 * which a word keeps coming back. Each count is compared with one that is made without Flink.
 *
 * <pre>
 *  WordDemo           the command line
 *   ├ Corpus          the files, one after the other: a line has a number
 *   ├ WordJob         the job
 *   │  ├ ReadLines    line numbers to words; the number is the event time, a second for each line
 *   │  ├ CountWord    value state: how often
 *   │  ├ Passages     Flink's session windows: a passage ends when the word does not come for 30 lines
 *   │  └ Summary      what passages a word has had
 *   └ PlainCount      the same in plain Java, to compare with
 * </pre>
 */
package dev.keybed.demo.flink;
