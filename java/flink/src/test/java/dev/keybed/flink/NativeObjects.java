package dev.keybed.flink;

import java.lang.reflect.Method;
import java.util.Arrays;

/** What is alive in native memory in this JVM: the number of objects of each type. */
final class NativeObjects {
    private NativeObjects() {}

    static String alive() throws ReflectiveOperationException {
        Method handles = Class.forName("dev.keybed.NativeLibrary").getDeclaredMethod("liveHandles");
        handles.setAccessible(true);
        return Arrays.toString((long[]) handles.invoke(null));
    }
}
