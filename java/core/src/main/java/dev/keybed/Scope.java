package dev.keybed;

/**
 * How much of a state a scan or a clear reaches: all entries that share the first parts of the session's current key.
 */
public enum Scope {
    /** Every entry of the key group. Which key of the group is current does not matter. */
    KEY_GROUP(0),
    /** Every entry of the key, in all namespaces. */
    KEY(1),
    /** Every entry of the key in the namespace: of a map state, one map. */
    NAMESPACE(2);

    private final int code;

    Scope(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
