package dev.keybed;

/**
 * Key groups from {@code first} to {@code last}, both included: what one task keeps.
 *
 * @param first the first key group, not negative
 * @param last the last one, not below the first
 */
public record KeyGroupRange(int first, int last) {

    /**
     * Checks the two.
     *
     * @throws KeybedArgumentException KEY_GROUP_OUT_OF_RANGE if they are no range of key groups
     */
    public KeyGroupRange {
        if (first < 0 || last < first || last >= KeyGroups.MAX_PARALLELISM_LIMIT) {
            throw Errors.of(ErrorCode.KEY_GROUP_OUT_OF_RANGE, "there are no key groups " + first + " to " + last);
        }
    }

    /**
     * All key groups of a maximum parallelism.
     *
     * @param maxParallelism the number of key groups
     * @return the range
     */
    public static KeyGroupRange all(int maxParallelism) {
        return new KeyGroupRange(0, maxParallelism - 1);
    }

    /**
     * What a task keeps, as Flink shares key groups out.
     *
     * @param maxParallelism the number of key groups
     * @param parallelism the number of tasks, at most as many
     * @param index the task, from 0 on
     * @return the range
     * @throws KeybedArgumentException INVALID_ARGUMENT if there is no such task
     */
    public static KeyGroupRange ofTask(int maxParallelism, int parallelism, int index) {
        boolean isTask = 0 <= index && index < parallelism && parallelism <= maxParallelism;
        if (!isTask || maxParallelism > KeyGroups.MAX_PARALLELISM_LIMIT) {
            throw Errors.of(
                    ErrorCode.INVALID_ARGUMENT,
                    "there is no task " + index + " of " + parallelism + " for " + maxParallelism + " key groups");
        }
        int first = (index * maxParallelism + parallelism - 1) / parallelism;
        return new KeyGroupRange(first, ((index + 1) * maxParallelism - 1) / parallelism);
    }

    /**
     * How many there are.
     *
     * @return at least 1
     */
    public int count() {
        return last - first + 1;
    }

    /**
     * Whether a key group is one of them.
     *
     * @param keyGroup the key group
     * @return true if it is
     */
    public boolean contains(int keyGroup) {
        return first <= keyGroup && keyGroup <= last;
    }

    /** As options have it: {@code 0-127}. */
    @Override
    public String toString() {
        return first + "-" + last;
    }
}
