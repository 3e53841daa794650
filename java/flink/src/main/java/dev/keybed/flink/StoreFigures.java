package dev.keybed.flink;

import dev.keybed.KeybedException;
import dev.keybed.KeybedStateException;
import dev.keybed.Store;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The figures of a store, for gauges: any thread may ask at any time. All gauges together ask the store once a second at most. When
 * the store is closed, the last figures stay, and nothing of the store is kept.
 */
final class StoreFigures implements AutoCloseable {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String ROCKS = "rocksdb.";

    private final boolean properties;
    private final boolean counts;
    /** Null once closed. Guarded by this object's lock, so that no read goes on when the store is closed. */
    private Store store;

    private Map<String, Long> figures = Map.of();
    private long readAt;

    /**
     * Of a store that is open.
     *
     * @param properties whether RocksDB's properties are among them, which cost something
     * @param counts whether what RocksDB counts is, which costs something too
     */
    StoreFigures(Store store, boolean properties, boolean counts) {
        this.store = store;
        this.properties = properties;
        this.counts = counts;
        read();
    }

    /** The names there are. */
    synchronized Iterable<String> names() {
        return Map.copyOf(figures).keySet();
    }

    /** A figure of about now, or the last one that there was; 0 if there is none of that name. */
    synchronized long get(String name) {
        if (store != null && System.nanoTime() - readAt > FRESH_NANOS) {
            read();
        }
        return figures.getOrDefault(name, 0L);
    }

    private void read() {
        try {
            Map<String, Long> read = new HashMap<>(store.figures());
            if (properties || counts) {
                store.statistics().forEach((name, value) -> {
                    if (name.startsWith(ROCKS) && (isCount(name) ? counts : properties)) {
                        read.put(kebab(name), Long.valueOf(value));
                    }
                });
            }
            figures = read;
        } catch (KeybedStateException | KeybedException e) {
            // Closed, or in doubt, which the task will find out: a gauge is not the place to say so.
        }
        readAt = System.nanoTime();
    }

    /** RocksDB joins the words of a property's name with hyphens, those of what it counts with dots. */
    private static boolean isCount(String name) {
        return name.indexOf('.', ROCKS.length()) >= 0;
    }

    /** RocksDB's name of a property or of what it counts, as it is told in Flink. */
    private static String kebab(String name) {
        return name.substring(ROCKS.length()).replace('.', '-').replace('_', '-');
    }

    /** Lets go of the store, after one last look. */
    @Override
    public synchronized void close() {
        if (store != null) {
            read();
            store = null;
        }
    }
}
