package dev.keybed.demo;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

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
    long closeNanos;
    long openNanos;
    long heapBytes;
    long collections;
    long pathsChecked;
    long pathsChanged;
    long listingsChecked;
    long listingsChanged;
    long rewritten;
    Rate checkpoint;
    long checkpointBytes;
    Rate lookupsMeanwhile;
    Rate recovered;
    long wrongAnswers;

    /** Of runs over the same tree, side by side: a line for each figure, a column for each run. */
    static Table table(List<Report> reports) {
        Column all = new Column(reports);
        Table table = new Table().text("directory", NameBytes.printable(reports.get(0).directory));
        if (reports.size() == 1) {
            table.text("engine", reports.get(0).engine);
        } else {
            table.numbers("engine", reports.stream().map(report -> report.engine).toList(), "");
        }
        return table.numbers("entries", all.of(r -> r.load.count()), "")
                .numbers("directories", all.of(r -> r.directories), "")
                .numbers("skipped", all.of(r -> r.skipped.total()), all.note(r -> r.skipped.byReason()))
                .numbers("loads/s", all.of(r -> r.load.perSecond()), "walk included")
                .numbers("lookups/s", all.of(r -> r.lookups.perSecond()), "one get for each path component")
                .numbers("lookups/s, reopened", all.of(r -> r.lookupsReopened.perSecond()), "after closing and opening")
                .numbers("lookups/s, multi-get", all.of(r -> r.multiGets.perSecond()), "100 paths a call")
                .numbers("scans/s", all.of(r -> r.scans.perSecond()), "one directory each")
                .numbers("entries/s scanned", all.of(r -> r.scannedEntries.perSecond()), "")
                .numbers("entries/s, full scan", all.of(r -> r.fullScan.perSecond()), "")
                .numbers("closing, ms", all.of(r -> NANOSECONDS.toMillis(r.closeNanos)), "with all entries to be written")
                .numbers("opening again, ms", all.of(r -> NANOSECONDS.toMillis(r.openNanos)), "")
                .numbers("Java heap bytes per lookup", all.texts(Report::heapPerLookup), "")
                .numbers("garbage collections", all.of(r -> r.collections), "during lookups")
                .numbers("paths checked", all.of(r -> r.pathsChecked), all.note(r -> checkNote(r.pathsChanged)))
                .numbers("listings checked", all.of(r -> r.listingsChecked), all.note(r -> checkNote(r.listingsChanged)))
                .numbers("records rewritten", all.of(r -> r.rewritten), "checked after reopening, then restored")
                .numbers("checkpoint, ms", all.of(r -> millis(r.checkpoint)), all.note(r -> checkpointNote(r.checkpointBytes)))
                .numbers("lookups/s meanwhile", all.of(r -> r.lookupsMeanwhile.perSecond()), "and one write for ten lookups")
                .numbers("recovery, ms", all.of(r -> millis(r.recovered)), "after kill -9, in a new process, into two stores")
                .numbers("entries recovered", all.of(r -> r.recovered.count()), "compared with what the killed process had written")
                .numbers("wrong answers", all.of(r -> r.wrongAnswers), "");
    }

    /** Reads one figure of each report. */
    private record Column(List<Report> reports) {
        List<String> of(ToLongFunction<Report> figure) {
            return texts(report -> String.format(Locale.ROOT, "%,d", figure.applyAsLong(report)));
        }

        List<String> texts(Function<Report, String> figure) {
            return reports.stream().map(figure).toList();
        }

        /** Each note once. */
        String note(Function<Report, String> note) {
            return reports.stream().map(note).distinct().collect(Collectors.joining(" / "));
        }
    }

    private String heapPerLookup() {
        return String.format(Locale.ROOT, "%.1f", lookups.count() == 0 ? 0.0 : (double) heapBytes / lookups.count());
    }

    private static long millis(Rate rate) {
        return NANOSECONDS.toMillis(rate.nanos());
    }

    private static String checkpointNote(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MB, while lookups and writes go on", bytes / 1e6);
    }

    private static String checkNote(long changed) {
        String changes = changed == 0 ? "" : String.format(Locale.ROOT, "; %,d more had changed", changed);
        return "before and after reopening" + changes;
    }
}
