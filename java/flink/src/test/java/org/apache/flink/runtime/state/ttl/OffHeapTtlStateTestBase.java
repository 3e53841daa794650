package org.apache.flink.runtime.state.ttl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.TestTemplate;

/**
 * Flink's suite without its one look into the classes of the heap backend. In this package, because that test is visible
 * nowhere else.
 */
public abstract class OffHeapTtlStateTestBase extends TtlStateTestBase {
    private static final int KEYS = 970;

    /**
     * What is left in the state.
     *
     * @return the number of entries of all states
     */
    protected abstract int numberOfEntries();

    /** The suite asks the heap backend's tables for each key; here there must be nothing at all. */
    @Override
    @TestTemplate
    void testIncrementalCleanupWholeState() throws Exception {
        initTest(getConfBuilder(TTL).cleanupIncrementally(5, true).build());
        timeProvider.time = 0;
        for (int i = 0; i < KEYS; i++) {
            sbetc.setCurrentKey(Integer.toString(i));
            ctx().update(ctx().updateEmpty);
        }
        assertThat(numberOfEntries()).isGreaterThanOrEqualTo(KEYS);
        timeProvider.time = TTL + 20;
        // So many as the suite takes.
        for (int i = 0; i < KEYS; i++) {
            sbetc.setCurrentKey(Integer.toString(i));
        }
        assertThat(numberOfEntries()).isZero();
    }
}
