package dev.keybed.flink;

/** Where timers are kept. */
public enum TimerService {
    /** On the Java heap, as Flink's heap backend has them. */
    HEAP,
    /** In the store, beside the state: off the heap, and with the engine {@code rocks} beyond memory. */
    NATIVE
}
