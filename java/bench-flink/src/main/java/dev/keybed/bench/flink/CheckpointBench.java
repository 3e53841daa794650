package dev.keybed.bench.flink;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateHandle;

/**
 * Checkpoints of many keys to files, restoring and rescaling, on each backend: a program.
 *
 * <pre>{@code
 * java -jar ... dev.keybed.bench.flink.CheckpointBench [keys=1000000,10000000] [incremental=false,true]
 *     [backends=HEAP,ROCKSDB,KEYBED_TABLE,KEYBED_ROCKS] [rounds=3]
 * }</pre>
 *
 * <p>Keys and values are Longs, 128 key groups. For each number of keys and backend, the least of the rounds of:
 *
 * <ul>
 *   <li><em>sync</em>: what the task's thread waits for when a checkpoint is taken; <em>total</em>: with what is written by another
 *       thread, here the same one, from memory to the end of the file.
 *   <li><em>after changes</em>: the same once a hundredth of the keys has another value; this is where incremental checkpoints
 *       show. Of the first checkpoint, which has everything, the figures are those of a full one.
 *   <li><em>restore</em>: opening a backend from the checkpoint, of all key groups.
 *   <li><em>1→2</em>: opening the slower of two backends that share the key groups, from the checkpoint of one; <em>2→1</em>: opening
 *       one from the checkpoints of those two.
 * </ul>
 */
public final class CheckpointBench {
    private static final int KEY_GROUPS = 128;
    private static final KeyGroupRange ALL = KeyGroupRange.of(0, KEY_GROUPS - 1);
    private static final int PART_THAT_CHANGES = 100;
    private static final ValueStateDescriptor<Long> VALUE = new ValueStateDescriptor<>("value", LongSerializer.INSTANCE);

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final BackendKind kind;
    private final boolean incremental;
    private final int keys;
    private final Map<String, Double> least = new TreeMap<>();
    private long bytes;

    private CheckpointBench(BackendKind kind, boolean incremental, int keys) {
        this.kind = kind;
        this.incremental = incremental;
        this.keys = keys;
    }

    /** Runs all that the arguments name; prints a table in Markdown. */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new TreeMap<>(Map.of(
                "keys", "1000000,10000000",
                "incremental", "false",
                "backends", "HEAP,ROCKSDB,KEYBED_TABLE,KEYBED_ROCKS",
                "rounds", "3"));
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (parts.length < 2 || options.put(parts[0], parts[1]) == null) {
                throw new IllegalArgumentException("no such option: " + argument + "; there are " + options.keySet());
            }
        }
        System.out.println("| keys | backend | sync ms | total ms | MB | after changes: sync ms | total ms | restore ms | 1→2 ms | 2→1 ms |");
        System.out.println("|--:|---|" + "--:|".repeat(8));
        for (String keys : options.get("keys").split(",")) {
            for (String incremental : options.get("incremental").split(",")) {
                for (String backend : options.get("backends").split(",")) {
                    new CheckpointBench(
                                    BackendKind.valueOf(backend),
                                    Boolean.parseBoolean(incremental),
                                    Integer.parseInt(keys))
                            .run(Integer.parseInt(options.get("rounds")));
                }
            }
        }
    }

    private void run(int rounds) throws Exception {
        Path directory = TemporaryDirectory.create();
        Checkpoints checkpoints = new Checkpoints(directory);
        try (OpenBackend open = new OpenBackend(kind.stateBackend(incremental), KEY_GROUPS, ALL, List.of())) {
            fill(open);
            List<KeyedStateHandle> whole = List.of();
            for (int round = 0; round < rounds; round++) {
                // Of an incremental backend, only the first has everything.
                String first = incremental && round > 0 ? " changed" : "";
                whole = List.of(checkpoint(open, checkpoints, first));
                change(open, round);
                checkpoint(open, checkpoints, " changed");
                System.gc();
            }
            for (int round = 0; round < rounds; round++) {
                restore(whole, ALL, "restore").close();
                rescale(whole, checkpoints);
            }
        } finally {
            TemporaryDirectory.delete(directory);
        }
        print();
    }

    private void fill(OpenBackend open) throws Exception {
        ValueState<Long> state = open.state(VALUE);
        for (long key = 0; key < keys; key++) {
            open.backend.setCurrentKey(key);
            state.update(key);
        }
    }

    private void change(OpenBackend open, int round) throws Exception {
        ValueState<Long> state = open.state(VALUE);
        Random random = new Random(round);
        for (int i = 0; i < keys / PART_THAT_CHANGES; i++) {
            open.backend.setCurrentKey((long) random.nextInt(keys));
            state.update((long) i);
        }
    }

    private KeyedStateHandle checkpoint(OpenBackend open, Checkpoints checkpoints, String what) throws Exception {
        Checkpoints.Taken taken = checkpoints.take(open.backend);
        note("sync" + what, taken.syncMillis());
        note("total" + what, taken.totalMillis());
        if (what.isEmpty()) {
            bytes = taken.handle().getStateSize();
        }
        return taken.handle();
    }

    private void rescale(List<KeyedStateHandle> whole, Checkpoints checkpoints) throws Exception {
        List<KeyedStateHandle> halves = new ArrayList<>();
        double slowest = 0;
        for (int task = 0; task < 2; task++) {
            KeyGroupRange range = KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(KEY_GROUPS, 2, task);
            List<KeyedStateHandle> part = new ArrayList<>();
            for (KeyedStateHandle handle : whole) {
                part.add(handle.getIntersection(range));
            }
            long start = System.nanoTime();
            try (OpenBackend half = restore(part, range, null)) {
                slowest = Math.max(slowest, millisSince(start));
                halves.add(checkpoints.take(half.backend).handle());
            }
        }
        note("1→2", slowest);
        restore(halves, ALL, "2→1").close();
    }

    private OpenBackend restore(List<KeyedStateHandle> handles, KeyGroupRange range, String what) throws Exception {
        long start = System.nanoTime();
        OpenBackend open = new OpenBackend(kind.stateBackend(incremental), KEY_GROUPS, range, handles);
        if (what != null) {
            note(what, millisSince(start));
        }
        check(open, range);
        return open;
    }

    /** That what was restored is there. */
    private void check(OpenBackend open, KeyGroupRange range) throws Exception {
        ValueState<Long> state = open.state(VALUE);
        int found = 0;
        for (long key = 0; key < 1000; key++) {
            if (range.contains(KeyGroupRangeAssignment.assignToKeyGroup(key, KEY_GROUPS))) {
                open.backend.setCurrentKey(key);
                if (state.value() == null) {
                    throw new IllegalStateException(kind + " has lost key " + key);
                }
                found++;
            }
        }
        if (found == 0) {
            throw new IllegalStateException("no key was looked for");
        }
    }

    private void note(String what, double millis) {
        least.merge(what, millis, Math::min);
    }

    static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    private void print() {
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "| %,d | %s%s |", keys, kind, incremental ? ", incremental" : ""));
        for (String what : Arrays.asList(
                "sync", "total", null, "sync changed", "total changed", "restore", "1→2", "2→1")) {
            double value = what == null ? bytes / 1e6 : least.getOrDefault(what, Double.NaN);
            line.append(String.format(Locale.ROOT, value < 10 ? " %.2f |" : " %.0f |", value));
        }
        out.println(line);
    }
}
