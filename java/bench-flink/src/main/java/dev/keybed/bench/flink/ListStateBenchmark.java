package dev.keybed.bench.flink;

import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** A list of Longs for each key: one at the beginning of an iteration, for half a million keys. */
public class ListStateBenchmark extends AbstractStateBenchmark {
    private final ListStateDescriptor<Long> descriptor = new ListStateDescriptor<>("list", Long.class);
    private ListState<Long> state;
    private List<Long> many;

    /** Opens the backend. */
    @Setup(Level.Trial)
    public void openState(Work work) throws Exception {
        open();
        state = open.state(descriptor);
        many = work.manyValues();
    }

    /** Gives each key a list. */
    @Setup(Level.Iteration)
    public void fill(Work work) throws Exception {
        for (int i = 0; i < Work.SETUP_KEYS; i++) {
            setKey(work.setupKeys.get(i));
            state.add(work.values.get(i));
        }
        open.compact(descriptor);
    }

    /** Takes all lists away: they have grown. */
    @TearDown(Level.Iteration)
    public void clear() throws Exception {
        open.backend.applyToAllKeys(
                VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor, (key, list) -> list.clear());
        open.compact(descriptor);
        System.gc();
    }

    /** Replaces a list by one of one value. */
    @Benchmark
    public void listUpdate(Work work) throws Exception {
        setKey(work.setupKey);
        state.update(work.listValue);
    }

    /** Sets the list of a new key to one of one value. */
    @Benchmark
    public void listAdd(Work work) throws Exception {
        setKey(work.newKey);
        state.update(work.listValue);
    }

    /** Appends a value. */
    @Benchmark
    public void listAppend(Work work) throws Exception {
        setKey(work.setupKey);
        state.add(work.value);
    }

    /** Reads a list. */
    @Benchmark
    public Iterable<Long> listGet(Work work) throws Exception {
        setKey(work.setupKey);
        return state.get();
    }

    /** Reads a list and walks it. */
    @Benchmark
    public void listGetAndIterate(Work work, Blackhole hole) throws Exception {
        setKey(work.setupKey);
        for (Long value : state.get()) {
            hole.consume(value);
        }
    }

    /** Appends a hundred values. */
    @Benchmark
    public void listAddAll(Work work) throws Exception {
        setKey(work.setupKey);
        state.addAll(many);
    }
}
