package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keybed.KeyGroupRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDigestTest {
    private static final KeyGroupRange ALL = KeyGroupRange.all(EntryIndex.KEY_GROUPS);

    private static FileRecord record(long n) {
        return new FileRecord(n, n, n, n, 1, 2, 0755, 8, "owner", "group");
    }

    private static long differences(StateDigest found, StateDigest expected) {
        WrongAnswers wrong = new WrongAnswers();
        found.compare(expected, ALL, wrong);
        return wrong.count();
    }

    @Test
    void the_order_of_entries_does_not_matter_and_what_is_removed_is_gone() {
        List<Long> numbers = new ArrayList<>();
        for (long n = 0; n < 1_000; n++) {
            numbers.add(n);
        }
        StateDigest one = new StateDigest();
        numbers.forEach(n -> one.add(n, new byte[] {(byte) (long) n}, record(n)));
        Collections.shuffle(numbers, new Random(1));
        StateDigest two = new StateDigest();
        two.add(7, new byte[] {1}, record(1));
        numbers.forEach(n -> two.add(n, new byte[] {(byte) (long) n}, record(n)));
        assertEquals(1, differences(one, two));
        two.remove(7, new byte[] {1}, record(1));
        assertEquals(0, differences(one, two));
        assertEquals(1_000, one.count(ALL));
    }

    @Test
    void every_part_of_an_entry_counts() {
        byte[] name = {1, 2};
        FileRecord r = record(5);
        StateDigest digest = new StateDigest();
        digest.add(5, name, r);
        List<FileRecord> others = List.of(
                new FileRecord(6, r.parent(), r.size(), r.modified(), 1, 2, 0755, 8, "owner", "group"),
                new FileRecord(5, 6, r.size(), r.modified(), 1, 2, 0755, 8, "owner", "group"),
                new FileRecord(5, 5, 6, r.modified(), 1, 2, 0755, 8, "owner", "group"),
                new FileRecord(5, 5, 5, 6, 1, 2, 0755, 8, "owner", "group"),
                new FileRecord(5, 5, 5, 5, 2, 2, 0755, 8, "owner", "group"),
                new FileRecord(5, 5, 5, 5, 1, 1, 0755, 8, "owner", "group"),
                r.withPermissions(0754),
                new FileRecord(5, 5, 5, 5, 1, 2, 0755, 4, "owner", "group"),
                new FileRecord(5, 5, 5, 5, 1, 2, 0755, 8, "owned", "group"),
                new FileRecord(5, 5, 5, 5, 1, 2, 0755, 8, "owner", "groud"));
        for (FileRecord other : others) {
            StateDigest changed = new StateDigest();
            changed.add(5, name, other);
            assertEquals(1, differences(changed, digest), other::toString);
        }
        StateDigest renamed = new StateDigest();
        renamed.add(5, new byte[] {2, 1}, r);
        assertEquals(1, differences(renamed, digest));
        StateDigest moved = new StateDigest();
        moved.add(6, name, r);
        assertEquals(2, differences(moved, digest));
    }

    @Test
    void a_digest_is_read_as_it_was_written(@TempDir Path directory) throws IOException {
        StateDigest digest = new StateDigest();
        for (long n = 0; n < 100; n++) {
            digest.add(n, new byte[] {9}, record(n));
        }
        digest.write(directory.resolve("digest"));
        StateDigest read = StateDigest.read(directory.resolve("digest"));
        assertEquals(0, differences(read, digest));
        assertEquals(0, differences(read.copy(), read));
        assertEquals(100, read.count(ALL));
    }
}
