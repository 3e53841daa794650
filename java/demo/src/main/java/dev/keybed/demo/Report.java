package dev.keybed.demo;

import java.nio.file.Path;
import java.util.Locale;

/** What came out of a run. */
final class Report {
    Path directory;
    String engine;
    Rate load;
    long directories;
    SkipCounts skipped;
    Rate lookups;
    Rate lookupsReopened;
    Rate multiGets;
    Rate scans;
    Rate scannedEntries;
    Rate fullScan;
    long heapBytes;
    long collections;
    long pathsChecked;
    long pathsChanged;
    long listingsChecked;
    long listingsChanged;
    long rewritten;
    long wrongAnswers;

    Table table() {
        return new Table()
                .text("directory", NameBytes.printable(directory))
                .text("engine", engine)
                .number("entries", load.count())
                .number("directories", directories)
                .number("skipped", skipped.total(), skipped.byReason())
                .number("loads/s", load.perSecond(), "walk included")
                .number("lookups/s", lookups.perSecond(), "one get for each path component")
                .number("lookups/s, reopened", lookupsReopened.perSecond(), "from files")
                .number("lookups/s, multi-get", multiGets.perSecond(), "100 paths a call")
                .number("scans/s", scans.perSecond(), "one directory each")
                .number("entries/s scanned", scannedEntries.perSecond())
                .number("entries/s, full scan", fullScan.perSecond())
                .number("Java heap bytes per lookup", perLookup(heapBytes), "")
                .number("garbage collections", collections, "during lookups")
                .number("paths checked", pathsChecked, checkNote(pathsChanged))
                .number("listings checked", listingsChecked, checkNote(listingsChanged))
                .number("records rewritten", rewritten, "checked after reopening, then restored")
                .number("wrong answers", wrongAnswers);
    }

    private String perLookup(long bytes) {
        return String.format(Locale.ROOT, "%.1f", lookups.count() == 0 ? 0.0 : (double) bytes / lookups.count());
    }

    private static String checkNote(long changed) {
        String changes = changed == 0 ? "" : String.format(Locale.ROOT, "; %,d more had changed", changed);
        return "before and after reopening" + changes;
    }
}
