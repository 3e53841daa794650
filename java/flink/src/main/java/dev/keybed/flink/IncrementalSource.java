package dev.keybed.flink;

import java.nio.file.Path;
import org.apache.flink.runtime.state.AbstractIncrementalStateHandle;

/**
 * An incremental checkpoint to restore from.
 *
 * @param directory its files, on this machine: a snapshot of a store's series
 */
record IncrementalSource(AbstractIncrementalStateHandle handle, Path directory) {}
