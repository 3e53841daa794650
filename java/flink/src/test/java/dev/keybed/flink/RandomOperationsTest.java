package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keybed.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.RunnableFuture;
import java.util.function.IntFunction;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random operations on our backend and on Flink's heap backend, with checkpoints that overlap, are confirmed or aborted, with
 * failures, savepoints and other parallelisms in between: both have the same state all the time. The seeds are printed when it
 * fails; {@code -Dkeybed.test.seed=N} runs one of them.
 */
class RandomOperationsTest {
    private static final int RUNS = 2;
    private static final int ROUNDS = 24;
    private static final int STEPS = 120;
    private static final int KEYS = 24;

    @TempDir
    Path folder;

    static List<Engine> engines() {
        return Engines.all();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void bothHaveTheSame(Engine engine) throws Exception {
        Long only = Long.getLong("keybed.test.seed");
        long first = only != null ? only : System.currentTimeMillis() * RUNS;
        String alive = NativeObjects.alive();
        for (long seed = first; seed < first + (only != null ? 1 : RUNS); seed++) {
            try {
                Random random = new Random(seed);
                if (random.nextBoolean()) {
                    run(engine, random, seed, LongSerializer.INSTANCE, i -> i % 5 == 0 ? -i - 1L : (long) i);
                } else {
                    run(engine, random, seed, PoisonedSerializer.INSTANCE, i -> i == 0 ? "" : "k".repeat(i * i) + i);
                }
                assertEquals(alive, NativeObjects.alive(), "native objects that are left");
                assertEquals(List.of(), Coordinator.files(local(seed)), "files that are left");
            } catch (Throwable e) {
                throw new AssertionError("-Dkeybed.test.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private Path local(long seed) {
        return folder.resolve("local-" + seed);
    }

    private <K> void run(Engine engine, Random random, long seed, TypeSerializer<K> serializer, IntFunction<K> keys)
            throws Exception {
        Files.createDirectory(local(seed));
        Coordinator coordinator = new Coordinator(Files.createDirectory(folder.resolve("storage-" + seed)));
        Job<K> job = new Job<>(engine, random, serializer, keys, coordinator, local(seed));
        try {
            job.start(1, Handles.NONE, true);
            for (int round = 0; round < ROUNDS; round++) {
                job.round();
            }
        } finally {
            job.stop();
        }
    }

    /** What a job is restored from. */
    private record Handles(List<KeyedStateHandle> heap, List<KeyedStateHandle> keybed) {
        static final Handles NONE = new Handles(List.of(), List.of());
    }

    /** A checkpoint that has been triggered: for each task what will write it. */
    private record Pending(
            List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> heap,
            List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> keybed) {}

    /** Tasks in both backends, and what the JobManager knows. */
    private static final class Job<K> {
        private final Engine engine;
        private final Random random;
        private final TypeSerializer<K> serializer;
        private final IntFunction<K> keys;
        private final Coordinator coordinator;
        private final Path local;
        private final List<MockEnvironment> environments = new ArrayList<>();
        private final List<AbstractKeyedStateBackend<K>> heaps = new ArrayList<>();
        private final List<AbstractKeyedStateBackend<K>> keybeds = new ArrayList<>();
        private final List<RandomState<K>> tasks = new ArrayList<>();
        private final TreeMap<Long, Pending> triggered = new TreeMap<>();
        private final TreeMap<Long, Handles> written = new TreeMap<>();
        private final Map<Long, Boolean> full = new HashMap<>();
        private Handles confirmed = Handles.NONE;
        private boolean mustBeFull;
        private long id;

        Job(
                Engine engine,
                Random random,
                TypeSerializer<K> serializer,
                IntFunction<K> keys,
                Coordinator coordinator,
                Path local) {
            this.engine = engine;
            this.random = random;
            this.serializer = serializer;
            this.keys = keys;
            this.coordinator = coordinator;
            this.local = local;
        }

        void start(int parallelism, Handles from, boolean claimed) throws Exception {
            mustBeFull = !claimed;
            Configuration configuration = Engines.configuration(engine);
            configuration.set(KeybedOptions.LOCAL_DIRECTORY, local.toString());
            configuration.set(KeybedOptions.TIMER_SERVICE, random.nextBoolean() ? TimerService.NATIVE : TimerService.HEAP);
            configuration.set(KeybedOptions.TIMER_CACHE_SIZE, random.nextBoolean() ? 1 + random.nextInt(4) : 128);
            configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, random.nextInt(4) != 0);
            for (int task = 0; task < parallelism; task++) {
                KeyGroupRange groups =
                        KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(Backends.KEY_GROUPS, parallelism, task);
                MockEnvironment environment = MockEnvironment.builder().build();
                environments.add(environment);
                heaps.add(Backends.open(
                        Backends.Kind.HEAP.stateBackend(), environment, serializer, groups, parts(from.heap(), groups)));
                keybeds.add(Backends.open(
                        new KeybedStateBackend().configure(configuration, getClass().getClassLoader()),
                        environment,
                        serializer,
                        groups,
                        parts(from.keybed(), groups)));
                List<K> here = new ArrayList<>();
                for (int i = 0; i < KEYS; i++) {
                    if (groups.contains(KeyGroupRangeAssignment.assignToKeyGroup(keys.apply(i), Backends.KEY_GROUPS))) {
                        here.add(keys.apply(i));
                    }
                }
                tasks.add(new RandomState<>(heaps.get(task), keybeds.get(task), serializer, here, random));
                // Not always: what is restored may be asked for late, or only be in the next checkpoint.
                if (random.nextBoolean()) {
                    tasks.get(task).compare();
                }
            }
        }

        private static List<KeyedStateHandle> parts(List<KeyedStateHandle> handles, KeyGroupRange groups) {
            return handles.stream()
                    .map(handle -> handle.getIntersection(groups))
                    .filter(Objects::nonNull)
                    .toList();
        }

        void stop() throws Exception {
            for (Pending pending : triggered.values()) {
                pending.heap().forEach(future -> future.cancel(true));
                pending.keybed().forEach(future -> future.cancel(true));
            }
            triggered.clear();
            written.clear();
            heaps.forEach(AbstractKeyedStateBackend::dispose);
            keybeds.forEach(AbstractKeyedStateBackend::dispose);
            for (MockEnvironment environment : environments) {
                environment.close();
            }
            environments.clear();
            heaps.clear();
            keybeds.clear();
            tasks.clear();
        }

        void round() throws Exception {
            for (int i = random.nextInt(STEPS); i > 0; i--) {
                tasks.get(random.nextInt(tasks.size())).step();
            }
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> trigger();
                case 3, 4 -> write();
                case 5, 6 -> confirm();
                case 7 -> abort();
                case 8 -> fail();
                default -> savepoint();
            }
            if (random.nextInt(5) == 0) {
                for (RandomState<K> task : tasks) {
                    task.compare();
                }
            }
        }

        private void trigger() throws Exception {
            id++;
            Pending pending = new Pending(new ArrayList<>(), new ArrayList<>());
            CheckpointType type = mustBeFull ? CheckpointType.FULL_CHECKPOINT : CheckpointType.CHECKPOINT;
            full.put(id, mustBeFull);
            for (int task = 0; task < tasks.size(); task++) {
                pending.heap().add(coordinator.trigger(heaps.get(task), id, type, memory()));
                pending.keybed()
                        .add(coordinator.trigger(keybeds.get(task), id, type, coordinator.streams(id)));
            }
            triggered.put(id, pending);
        }

        private static org.apache.flink.runtime.state.CheckpointStreamFactory memory() {
            return new org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory(64 << 20);
        }

        /** Any of those that were triggered is written, not the oldest first. */
        private void write() throws Exception {
            if (triggered.isEmpty()) {
                trigger();
            }
            long chosen = new ArrayList<>(triggered.keySet()).get(random.nextInt(triggered.size()));
            Pending pending = triggered.remove(chosen);
            Handles handles = new Handles(new ArrayList<>(), new ArrayList<>());
            for (RunnableFuture<SnapshotResult<KeyedStateHandle>> future : pending.heap()) {
                KeyedStateHandle handle = Backends.run(future);
                if (handle != null) {
                    handles.heap().add(handle);
                }
            }
            for (RunnableFuture<SnapshotResult<KeyedStateHandle>> future : pending.keybed()) {
                future.run();
                SnapshotResult<KeyedStateHandle> result = future.get();
                if (result.getJobManagerOwnedSnapshot() != null) {
                    handles.keybed().add(coordinator.acknowledge(chosen, result));
                }
            }
            written.put(chosen, handles);
        }

        /** The ones before are over then. */
        private void confirm() throws Exception {
            if (written.isEmpty()) {
                write();
            }
            long chosen = new ArrayList<>(written.keySet()).get(random.nextInt(written.size()));
            for (long older : List.copyOf(written.headMap(chosen).keySet())) {
                abort(older);
            }
            for (Pending pending : triggered.headMap(chosen).values()) {
                pending.heap().forEach(future -> future.cancel(true));
                pending.keybed().forEach(future -> future.cancel(true));
            }
            triggered.headMap(chosen).clear();
            confirmed = written.remove(chosen);
            coordinator.confirm(chosen, keybeds.toArray(new AbstractKeyedStateBackend<?>[0]));
            if (full.get(chosen)) {
                mustBeFull = false;
            }
        }

        private void abort() throws Exception {
            if (!triggered.isEmpty() && random.nextBoolean()) {
                long chosen = triggered.lastKey();
                Pending pending = triggered.remove(chosen);
                pending.heap().forEach(future -> future.cancel(true));
                pending.keybed().forEach(future -> future.cancel(true));
                tell(chosen);
            } else if (!written.isEmpty()) {
                abort(new ArrayList<>(written.keySet()).get(random.nextInt(written.size())));
            } else {
                tell(id + 1000);
                tell(0);
            }
        }

        private void abort(long chosen) throws Exception {
            written.remove(chosen);
            coordinator.abort(chosen, keybeds.get(0));
            tell(chosen);
        }

        private void tell(long aborted) throws Exception {
            for (AbstractKeyedStateBackend<K> backend : keybeds) {
                backend.notifyCheckpointAborted(aborted);
            }
        }

        /** All tasks fail, and start from the last confirmed checkpoint. */
        private void fail() throws Exception {
            for (long each : List.copyOf(written.keySet())) {
                abort(each);
            }
            stop();
            start(1 + random.nextInt(3), confirmed, true);
        }

        /** A savepoint, canonical (then each backend starts from the other's) or native; the job goes on from it. */
        private void savepoint() throws Exception {
            boolean canonical = random.nextBoolean();
            Handles handles = new Handles(new ArrayList<>(), new ArrayList<>());
            id++;
            for (int task = 0; task < tasks.size(); task++) {
                if (canonical) {
                    add(handles.keybed(), Backends.savepoint(heaps.get(task)));
                    add(handles.heap(), Backends.savepoint(keybeds.get(task)));
                } else {
                    add(handles.heap(), Backends.checkpoint(heaps.get(task), id));
                    add(
                            handles.keybed(),
                            Backends.run(coordinator.trigger(
                                    keybeds.get(task), id, SavepointType.savepoint(SavepointFormatType.NATIVE), memory())));
                }
            }
            for (long each : List.copyOf(written.keySet())) {
                abort(each);
            }
            stop();
            start(1 + random.nextInt(3), handles, false);
        }

        private static void add(List<KeyedStateHandle> handles, KeyedStateHandle handle) {
            if (handle != null) {
                handles.add(handle);
            }
        }
    }
}
