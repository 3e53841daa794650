package dev.keybed.demo;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What a {@link ChildProcess} tells the one that started it, on lines of its standard output. */
final class Messages {
    static final String PREFIX = "keybed-demo: ";
    static final String WRONG = "wrong";

    private Messages() {}

    /** A name and numbers. */
    static void send(String name, long... numbers) {
        send(name + Arrays.stream(numbers).mapToObj(number -> " " + number).collect(Collectors.joining()));
    }

    static void sendWrong(WrongAnswers wrong) {
        wrong.first().forEach(each -> send(WRONG + " " + each));
    }

    private static void send(String text) {
        // One write of a whole line: the process may end at any moment.
        System.out.print(PREFIX + text.replace('\n', ' ') + "\n");
        System.out.flush();
    }
}
