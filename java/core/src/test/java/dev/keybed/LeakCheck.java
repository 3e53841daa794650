package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves native objects behind. Applies to every test (registered as a service); runs outside of the
 * test's own {@code BeforeEach} and {@code AfterEach}.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakCheck.class);
    private static final String BEFORE = "live handles before";

    @Override
    public void beforeEach(ExtensionContext context) {
        NativeLibrary.ensureLoaded();
        context.getStore(NAMESPACE).put(BEFORE, NativeLibrary.liveHandles());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        long[] before = context.getStore(NAMESPACE).get(BEFORE, long[].class);
        assertArrayEquals(before, NativeLibrary.liveHandles(), "live native objects after the test, in the order of NativeLibrary.liveHandles");
    }
}
