package dev.keybed.demo.flink;

import java.util.Locale;
import java.util.function.Consumer;

/** What a word is: letters and digits in a row, in lower case; of a longer one, the first 64. */
final class Words {
    private static final int LONGEST = 64;

    private Words() {}

    /** Gives each word of a line. */
    static void of(String line, Consumer<String> word) {
        int start = -1;
        for (int i = 0; i <= line.length(); i++) {
            boolean inside = i < line.length() && Character.isLetterOrDigit(line.charAt(i));
            if (inside && start < 0) {
                start = i;
            } else if (!inside && start >= 0) {
                word.accept(line.substring(start, Math.min(i, start + LONGEST)).toLowerCase(Locale.ROOT));
                start = -1;
            }
        }
    }
}
