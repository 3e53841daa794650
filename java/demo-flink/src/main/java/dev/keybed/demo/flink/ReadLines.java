package dev.keybed.demo.flink;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;

/**
 * From the number of a line to its words. Numbers come one after the other, except after a failure, so a file stays open; what the
 * position is after a failure is the source's business.
 */
final class ReadLines extends RichFlatMapFunction<Long, Tuple2<String, Long>>
        implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Corpus corpus;
    private transient BufferedReader reader;
    private transient TextFile file;
    private transient long next;

    ReadLines(Corpus corpus) {
        this.corpus = corpus;
    }

    @Override
    public void open(OpenContext context) {
        next = -1;
    }

    @Override
    public void flatMap(Long number, Collector<Tuple2<String, Long>> out) throws IOException {
        if (number != next || number >= file.firstLine() + file.lines()) {
            seek(number);
        }
        String line = reader.readLine();
        if (line == null) {
            throw new IOException(file.path() + " has become shorter while the demo runs");
        }
        next = number + 1;
        Words.of(line, word -> out.collect(Tuple2.of(word, number)));
    }

    private void seek(long number) throws IOException {
        close();
        List<TextFile> files = corpus.files();
        int low = 0;
        int high = files.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (files.get(middle).firstLine() <= number) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        file = files.get(low);
        reader = TextFile.open(Path.of(file.path()));
        for (long skipped = file.firstLine(); skipped < number; skipped++) {
            reader.readLine();
        }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        if (context.isRestored()) {
            Happenings.RESTORES.increment();
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        Happenings.CHECKPOINTS.increment();
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}
