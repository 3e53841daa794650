package dev.keybed.cluster;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.apache.flink.api.common.functions.MapFunction;

/** Asks the native library of the TaskManager what it holds: stores, sessions, snapshots and the rest. */
public final class LiveHandles implements MapFunction<Long, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String map(Long ignored) throws Exception {
        // Not public: for tests of leaks.
        Method liveHandles = Class.forName("dev.keybed.NativeLibrary").getDeclaredMethod("liveHandles");
        liveHandles.setAccessible(true);
        return Arrays.toString((long[]) liveHandles.invoke(null));
    }
}
