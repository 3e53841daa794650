package dev.keybed.demo;

import java.util.List;

/** Compares scans of sampled directories with the file system's own listings, names and their order. */
final class ListingCheck {
    private final EntryIndex index;
    private final ChangeWatch watch;
    private final WrongAnswers wrong;
    private long right;
    private long changed;

    ListingCheck(EntryIndex index, ChangeWatch watch, WrongAnswers wrong) {
        this.index = index;
        this.watch = watch;
        this.wrong = wrong;
    }

    void run(List<Directory> sample, Progress progress) {
        for (Directory directory : sample) {
            check(directory);
            progress.add(1);
        }
    }

    private void check(Directory directory) {
        Listing stored = Listing.stored(index, directory);
        Listing live = Listing.live(directory);
        if (!stored.isLike(live) && !watch.hasChanged(directory)) {
            // A directory that changes by itself may not show it in its times, but in two listings: ask once more.
            Listing again = Listing.live(directory);
            if (!stored.isLike(again) && isSame(live, again)) {
                wrong.add(directory.path(), stored.differenceFrom(again));
                return;
            }
            live = again;
        }
        if (stored.isLike(live)) {
            right++;
        } else {
            changed++;
        }
    }

    private static boolean isSame(Listing first, Listing second) {
        return first == null ? second == null : first.isLike(second);
    }

    /** How many listings were equal to the file system's. */
    long right() {
        return right;
    }

    /** How many could not be checked, because the directory has changed since it was stored. */
    long changed() {
        return changed;
    }
}
