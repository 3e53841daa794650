package dev.keybed;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A stored snapshot of which every byte has been checked.
 *
 * @param info what it is of
 * @param entriesByState how many entries each state has, by its name; unmodifiable
 */
public record VerifiedSnapshot(SnapshotInfo info, Map<String, Long> entriesByState) {

    static VerifiedSnapshot of(String[] words) {
        Words rest = new Words(words);
        SnapshotInfo info = SnapshotInfo.read(rest);
        Map<String, Long> entries = new LinkedHashMap<>();
        for (StateInfo state : info.states()) {
            entries.put(state.name(), rest.longNumber());
        }
        return new VerifiedSnapshot(info, Collections.unmodifiableMap(entries));
    }
}
