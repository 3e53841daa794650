package dev.keybed.bench.flink;

import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;

/** A state of one Long for each key, with half a million keys. */
public class ValueStateBenchmark extends AbstractStateBenchmark {
    private ValueState<Long> state;

    /** Gives each key a value. */
    @Setup(Level.Trial)
    public void fill(Work work) throws Exception {
        open();
        state = open.state(new ValueStateDescriptor<>("value", Long.class));
        for (int i = 0; i < Work.SETUP_KEYS; i++) {
            setKey(work.setupKeys.get(i));
            state.update(work.values.get(i));
        }
    }

    /** Changes a value. */
    @Benchmark
    public void valueUpdate(Work work) throws Exception {
        setKey(work.setupKey);
        state.update(work.value);
    }

    /** Sets the value of a new key. */
    @Benchmark
    public void valueAdd(Work work) throws Exception {
        setKey(work.newKey);
        state.update(work.value);
    }

    /** Reads a value. */
    @Benchmark
    public Long valueGet(Work work) throws Exception {
        setKey(work.setupKey);
        return state.value();
    }
}
