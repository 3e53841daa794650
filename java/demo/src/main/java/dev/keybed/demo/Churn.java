package dev.keybed.demo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process at work: looks entries up, and now and then changes, removes or adds one. Keeps a record of its own of what the store
 * ought to hold, which the store has no part in.
 */
final class Churn {
    private static final int LARGEST = 20_000;
    private static final int LOOKUPS_PER_WRITE = 10;

    /** Of one entry that is worked on: where it is, and what it was set to last, null if removed. */
    private static final class Place {
        final long directory;
        final byte[] name;
        FileRecord record;

        Place(long directory, byte[] name, FileRecord record) {
            this.directory = directory;
            this.name = name;
            this.record = record;
        }
    }

    private final EntryIndex index;
    private final StateDigest digest;
    private final WrongAnswers wrong;
    private final List<Place> places = new ArrayList<>();
    private final Random random = new Random(1);
    private long seen;
    private long lookups;
    private long writes;

    /** @param digest what the store ought to hold; kept up to date */
    Churn(EntryIndex index, StateDigest digest, WrongAnswers wrong) {
        this.index = index;
        this.digest = digest;
        this.wrong = wrong;
    }

    /** Offers an entry to work on; takes a random choice of all that are offered. */
    void offer(long directory, byte[] name, FileRecord record) {
        seen++;
        if (places.size() < LARGEST) {
            places.add(new Place(directory, name, record));
        } else {
            long at = (random.nextLong() >>> 1) % seen;
            if (at < LARGEST) {
                places.set((int) at, new Place(directory, name, record));
            }
        }
    }

    /** A few lookups, each checked, and a write. */
    void step() {
        for (int i = 0; i < LOOKUPS_PER_WRITE && !places.isEmpty(); i++) {
            lookUp(places.get(random.nextInt(places.size())));
        }
        if (places.isEmpty() || random.nextInt(20) == 0) {
            add();
        } else {
            change(places.get(random.nextInt(places.size())));
        }
        writes++;
    }

    private void lookUp(Place place) {
        lookups++;
        FileRecord found = index.find(place.directory, place.name);
        if (found == null ? place.record != null : !found.equals(place.record)) {
            wrong.add("inode " + place.directory + ", '" + NameBytes.printable(place.name) + "': found " + found
                    + ", written was " + place.record);
        }
    }

    /** Sets an entry to another record, or removes it. */
    private void change(Place place) {
        if (place.record != null) {
            digest.remove(place.directory, place.name, place.record);
        }
        if (random.nextInt(5) == 0) {
            place.record = null;
            index.remove(place.directory, place.name);
        } else {
            place.record = record(place.directory);
            digest.add(place.directory, place.name, place.record);
            index.put(place.directory, place.name, place.record);
        }
    }

    private void add() {
        long directory = random.nextLong();
        byte[] name = ("new-" + writes).getBytes(StandardCharsets.US_ASCII);
        Place place = new Place(directory, name, record(directory));
        digest.add(directory, name, place.record);
        index.put(directory, name, place.record);
        if (places.size() < LARGEST) {
            places.add(place);
        }
    }

    private FileRecord record(long directory) {
        String owner = "owner" + random.nextInt(1_000);
        return new FileRecord(
                random.nextLong(), directory, random.nextLong(), writes, 1, 2, random.nextInt(07777), 8, owner, "group");
    }

    long lookups() {
        return lookups;
    }

    long writes() {
        return writes;
    }
}
