package dev.keybed;

/** What a state keeps for each key and namespace. Fixed when the state is created. */
public enum StateKind {
    /** One value. */
    VALUE(0),
    /** A list that grows by appending. */
    LIST(1),
    /** A map of any number of entries. */
    MAP(2);

    private final int code;

    StateKind(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static StateKind ofCode(int code) {
        return values()[code];
    }
}
