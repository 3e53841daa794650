package dev.keybed.flink;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.flink.api.java.tuple.Tuple2;

/** The keys of a state with each of their namespaces. */
final class KeysAndNamespaces<K, N> implements Iterator<Tuple2<K, N>>, AutoCloseable {
    private final StateKeys<K, N> keys;
    private boolean ready;

    KeysAndNamespaces(StateKeys<K, N> keys) {
        this.keys = keys;
        this.ready = keys.next();
    }

    @Override
    public boolean hasNext() {
        return ready;
    }

    @Override
    public Tuple2<K, N> next() {
        if (!ready) {
            throw new NoSuchElementException();
        }
        Tuple2<K, N> next = Tuple2.of(keys.key(), keys.namespace());
        ready = keys.next();
        return next;
    }

    @Override
    public void close() {
        ready = false;
        keys.close();
    }
}
