package dev.keybed.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;

/** Sends the events of its partitions, the one that is furthest behind first, at a pace and not beyond the mark. */
final class PartitionReader implements SourceReader<Event, PartitionSplit> {
    private static final long MARK_IS_READ_EVERY_NANOS = 50_000_000;
    private static final int TELL_AT_EVERY = 10;
    private static final long WAIT_MILLIS = 5;

    private final Mark mark;
    private final int eventsPerSecond;
    /** For each partition that is not at its end: {partition, next index}. */
    private final List<int[]> positions = new ArrayList<>();

    private boolean complete;
    private int limit;
    private long markWasRead;
    private int timesRead;
    private long started;
    private long sent;

    PartitionReader(Mark mark, int eventsPerSecond) {
        this.mark = mark;
        this.eventsPerSecond = eventsPerSecond;
    }

    @Override
    public void start() {
        started = System.nanoTime();
        markWasRead = started - MARK_IS_READ_EVERY_NANOS;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Event> output) {
        long now = System.nanoTime();
        if (now - markWasRead >= MARK_IS_READ_EVERY_NANOS) {
            markWasRead = now;
            limit = mark.get();
            tellMark();
        }
        if (positions.isEmpty()) {
            return complete ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
        }
        int[] furthestBehind = positions.get(0);
        for (int[] position : positions) {
            furthestBehind = position[1] < furthestBehind[1] ? position : furthestBehind;
        }
        double due = (now - started) / 1e9 * eventsPerSecond * positions.size();
        if (furthestBehind[1] >= limit || sent >= due) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        send(furthestBehind, output);
        return InputStatus.MORE_AVAILABLE;
    }

    /** Now and then again: the test forgets what it was told before a failure. */
    private void tellMark() {
        if (++timesRead % TELL_AT_EVERY == 0) {
            for (int[] position : positions) {
                if (position[1] >= limit) {
                    mark.reached(position[0], position[1]);
                }
            }
        }
    }

    private void send(int[] position, ReaderOutput<Event> output) {
        String split = Integer.toString(position[0]);
        Event event = Input.sent(position[0], position[1]);
        output.createOutputForSplit(split).collect(event, event.time);
        sent++;
        if (++position[1] == Input.EVENTS) {
            positions.remove(position);
            output.releaseOutputForSplit(split);
        }
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return new CompletableFuture<Void>().completeOnTimeout(null, WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public List<PartitionSplit> snapshotState(long checkpointId) {
        return positions.stream().map(position -> new PartitionSplit(position[0], position[1])).toList();
    }

    @Override
    public void addSplits(List<PartitionSplit> splits) {
        splits.forEach(split -> positions.add(new int[] {split.partition(), split.next()}));
    }

    @Override
    public void notifyNoMoreSplits() {
        complete = true;
    }

    @Override
    public void close() {}
}
