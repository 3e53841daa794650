package dev.keybed.flink;

import java.util.concurrent.CancellationException;

/**
 * Between the end of writing a checkpoint and Flink's taking the result: who cancels then gets no result, and nobody else knows
 * what has been written. Used by the thread that writes.
 */
final class Handover {
    /** Null until all is written. */
    private Runnable undo;

    /** @param undo takes back what is in the checkpoint storage */
    void written(Runnable undo) {
        this.undo = undo;
    }

    /** Whether the result would be lost: a cancellation interrupts the thread. */
    boolean isCancelled() {
        return undo != null && Thread.currentThread().isInterrupted();
    }

    /**
     * The last step before Flink takes the result.
     *
     * @throws CancellationException if it would be lost; it is taken back then
     */
    void end() {
        if (isCancelled()) {
            undo.run();
            throw new CancellationException("The checkpoint was cancelled.");
        }
    }
}
