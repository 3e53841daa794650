package dev.keybed.bench.flink;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The methods of the state benchmarks without JMH, in one process: minutes instead of tens of them. Each backend is filled once for
 * each kind of state, and the rounds go through all methods in turn. What counts is the processor time of the thread,
 * without what the harness itself takes, in the best round: on a machine with other users that says more than JMH's time.
 *
 * <pre>{@code java -Xmx5g [-Dbackends=ROCKSDB,KEYBED_ROCKS] [-Drounds=4] -cp ... dev.keybed.bench.flink.ShortRun
 *      [regular expression for methods]}</pre>
 */
public final class ShortRun {
    /** A round of a method has as many operations as this, or fewer if they take long. */
    private static final int MOST_OPERATIONS = 250_000;

    private static final long LONG_NANOS = 300_000_000;
    /** After so many the clock is read. */
    private static final int CHUNK = 2_000;

    private static final int ROUNDS = Integer.getInteger("rounds", 4);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private interface Operation {
        void run(Work work) throws Exception;
    }

    /** A method: how it is called, and how many operations one call is. */
    private record Method(String name, int perCall, Operation operation) {}

    private final StateReport report = new StateReport();
    private final Work work = new Work();
    private final Blackhole hole =
            new Blackhole("Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.");
    private final String wanted;
    private double harnessNanos = Double.MAX_VALUE;
    private double harnessBytes = Double.MAX_VALUE;

    private ShortRun(String wanted) {
        this.wanted = wanted;
    }

    /** Runs all, or the methods that are asked for, and prints the report. */
    public static void main(String[] arguments) throws Exception {
        ShortRun run = new ShortRun(arguments.length > 0 ? arguments[0] : ".*");
        run.measureHarness();
        for (BackendKind kind : kinds()) {
            run.values(kind);
            System.gc();
            run.lists(kind);
            System.gc();
            run.maps(kind);
            System.gc();
        }
        run.report.print();
    }

    /** All, or those of the property {@code backends}. */
    private static List<BackendKind> kinds() {
        String names = System.getProperty("backends");
        return names == null ? List.of(BackendKind.values()) : Stream.of(names.split(",")).map(BackendKind::valueOf).toList();
    }

    private void measureHarness() throws Exception {
        for (int round = 0; round < 2 * ROUNDS; round++) {
            double[] figures = measure(new Method("nothing", 1, turn -> hole.consume(turn.setupKey)));
            harnessNanos = Math.min(harnessNanos, figures[0]);
            harnessBytes = Math.min(harnessBytes, figures[1]);
        }
    }

    private void values(BackendKind kind) throws Exception {
        ValueStateBenchmark values = new ValueStateBenchmark();
        List<Method> methods = List.of(
                new Method("valueGet", 1, turn -> hole.consume(values.valueGet(turn))),
                new Method("valueUpdate", 1, values::valueUpdate),
                new Method("valueAdd", 1, values::valueAdd));
        if (isWanted(methods)) {
            values.backend = kind;
            values.fill(work);
            run(kind, methods);
            values.close();
        }
    }

    private void lists(BackendKind kind) throws Exception {
        ListStateBenchmark lists = new ListStateBenchmark();
        List<Method> methods = List.of(
                new Method("listGet", 1, turn -> hole.consume(lists.listGet(turn))),
                new Method("listGetAndIterate", 1, turn -> lists.listGetAndIterate(turn, hole)),
                new Method("listUpdate", 1, lists::listUpdate),
                new Method("listAdd", 1, lists::listAdd));
        List<Method> growing =
                List.of(new Method("listAppend", 1, lists::listAppend), new Method("listAddAll", 1, lists::listAddAll));
        List<Method> all = new ArrayList<>(methods);
        all.addAll(growing);
        if (isWanted(all)) {
            lists.backend = kind;
            lists.openState(work);
            lists.fill(work);
            run(kind, methods);
            run(kind, growing);
            lists.close();
        }
    }

    private void maps(BackendKind kind) throws Exception {
        MapStateBenchmark maps = new MapStateBenchmark();
        List<Method> methods = List.of(
                new Method("mapGet", 1, turn -> hole.consume(maps.mapGet(turn))),
                new Method("mapContains", 1, turn -> hole.consume(maps.mapContains(turn))),
                new Method("mapIsEmpty", 1, turn -> hole.consume(maps.mapIsEmpty(turn))),
                new Method("mapKeys", Work.MAP_KEYS, turn -> maps.mapKeys(turn, hole)),
                new Method("mapValues", Work.MAP_KEYS, turn -> maps.mapValues(turn, hole)),
                new Method("mapEntries", Work.MAP_KEYS, turn -> maps.mapEntries(turn, hole)),
                new Method("mapIterator", Work.MAP_KEYS, turn -> maps.mapIterator(turn, hole)),
                new Method("mapUpdate", 1, maps::mapUpdate),
                new Method("mapAdd", 1, maps::mapAdd),
                new Method("mapPutAll", 1, maps::mapPutAll));
        List<Method> removing = List.of(new Method("mapRemove", 1, maps::mapRemove));
        List<Method> all = new ArrayList<>(methods);
        all.addAll(removing);
        if (isWanted(all)) {
            maps.backend = kind;
            maps.fill(work);
            run(kind, methods);
            run(kind, removing);
            maps.close();
        }
    }

    private boolean isWanted(List<Method> methods) {
        return methods.stream().anyMatch(method -> method.name.matches(wanted));
    }

    private void run(BackendKind kind, List<Method> methods) throws Exception {
        Set<String> done = new TreeSet<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (Method method : methods) {
                if (method.name.matches(wanted)) {
                    double[] figures = measure(method);
                    double nanos = Math.max(1, figures[0] - harnessNanos) / method.perCall;
                    report.add(method.name, kind, 1e6 / nanos, Math.max(0, figures[1] - harnessBytes) / method.perCall);
                    done.add(method.name);
                }
            }
        }
        System.err.println(kind + " " + done);
    }

    /** Processor time and bytes of a call, with the harness. */
    private double[] measure(Method method) throws Exception {
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long start = THREADS.getCurrentThreadCpuTime();
        long nanos = 0;
        int operations = 0;
        while (operations < MOST_OPERATIONS && nanos < LONG_NANOS) {
            for (int i = 0; i < CHUNK; i++) {
                work.next();
                method.operation.run(work);
            }
            operations += CHUNK;
            nanos = THREADS.getCurrentThreadCpuTime() - start;
        }
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        return new double[] {(double) nanos / operations, (double) bytes / operations};
    }
}
