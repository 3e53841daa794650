package dev.keybed.bench.flink;

import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.Blackhole;

/** A map of Long to Double for each key, with ten entries, for half a million keys. */
public class MapStateBenchmark extends AbstractStateBenchmark {
    private MapState<Long, Double> state;
    private Map<Long, Double> map;

    /** Gives each key a map. */
    @Setup(Level.Trial)
    public void fill(Work work) throws Exception {
        open();
        state = open.state(new MapStateDescriptor<>("map", Long.class, Double.class));
        map = work.map();
        for (int i = 0; i < Work.SETUP_KEYS; i++) {
            setKey(work.setupKeys.get(i));
            state.putAll(map);
        }
    }

    /** Changes the value of an entry. */
    @Benchmark
    public void mapUpdate(Work work) throws Exception {
        setKey(work.setupKey);
        state.put(work.mapKey, work.mapValue);
    }

    /** Puts an entry into the map of a new key. */
    @Benchmark
    public void mapAdd(Work work) throws Exception {
        setKey(work.newKey);
        state.put(work.mapKey, work.mapValue);
    }

    /** Reads the value of an entry. */
    @Benchmark
    public Double mapGet(Work work) throws Exception {
        setKey(work.setupKey);
        return state.get(work.mapKey);
    }

    /** Looks for an entry, which half of the times is not there. */
    @Benchmark
    public boolean mapContains(Work work) throws Exception {
        setKey(work.setupKey);
        return state.contains(work.mapKey << 1);
    }

    /** Whether a map has no entry. */
    @Benchmark
    public boolean mapIsEmpty(Work work) throws Exception {
        setKey(work.setupKey);
        return state.isEmpty();
    }

    /** Walks the keys of a map. */
    @Benchmark
    @OperationsPerInvocation(Work.MAP_KEYS)
    public void mapKeys(Work work, Blackhole hole) throws Exception {
        setKey(work.setupKey);
        for (Long key : state.keys()) {
            hole.consume(key);
        }
    }

    /** Walks the values of a map. */
    @Benchmark
    @OperationsPerInvocation(Work.MAP_KEYS)
    public void mapValues(Work work, Blackhole hole) throws Exception {
        setKey(work.setupKey);
        for (Double value : state.values()) {
            hole.consume(value);
        }
    }

    /** Walks the entries of a map. */
    @Benchmark
    @OperationsPerInvocation(Work.MAP_KEYS)
    public void mapEntries(Work work, Blackhole hole) throws Exception {
        setKey(work.setupKey);
        for (Map.Entry<Long, Double> entry : state.entries()) {
            hole.consume(entry.getKey());
            hole.consume(entry.getValue());
        }
    }

    /** The same with an iterator. */
    @Benchmark
    @OperationsPerInvocation(Work.MAP_KEYS)
    public void mapIterator(Work work, Blackhole hole) throws Exception {
        setKey(work.setupKey);
        Iterator<Map.Entry<Long, Double>> iterator = state.iterator();
        while (iterator.hasNext()) {
            Map.Entry<Long, Double> entry = iterator.next();
            hole.consume(entry.getKey());
            hole.consume(entry.getValue());
        }
    }

    /** Removes an entry; once all are gone, one that is not there. */
    @Benchmark
    public void mapRemove(Work work) throws Exception {
        setKey(work.setupKey);
        state.remove(work.mapKey);
    }

    /** Puts ten entries. */
    @Benchmark
    public void mapPutAll(Work work) throws Exception {
        setKey(work.setupKey);
        state.putAll(map);
    }
}
