package dev.keybed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads a description that a cold native returned as a list of words, one after another. */
final class Words {
    private final String[] words;
    private int next;

    Words(String[] words) {
        this.words = words;
    }

    boolean hasNext() {
        return next < words.length;
    }

    String text() {
        return words[next++];
    }

    int number() {
        return Integer.parseInt(text());
    }

    long longNumber() {
        return Long.parseLong(text());
    }

    KeyGroupRange keyGroups() {
        return new KeyGroupRange(number(), number());
    }

    /** As many states. */
    List<StateInfo> states(int count) {
        List<StateInfo> states = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            states.add(new StateInfo(text(), StateKind.ofCode(number()), PartSize.ofCode(number())));
        }
        return Collections.unmodifiableList(states);
    }

    /** All states that are left. */
    List<StateInfo> remainingStates() {
        return states((words.length - next) / 3);
    }
}
