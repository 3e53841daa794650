/**
 * Keybed as a keyed state backend of Apache Flink 2.x.
 *
 * <pre>
 *  KeybedStateBackendFactory      state.backend.type names it
 *   └ KeybedStateBackend          configuration; one for the job, serialized, no native memory
 *      └ KeybedKeyedStateBackendBuilder   restores, opens
 *         └ KeybedKeyedStateBackend       one for an operator instance; Flink's side of things: names, serializers, streams
 *            ├ KeybedStates&lt;K&gt;        the native side: store, session, current key and namespace, the views
 *            ├ RegisteredState            one for a name: Flink's meta information beside the native state
 *            │  └ KeybedValueState, ...   one for a name: what user code gets (wrapped by Flink for TTL and metrics)
 *            ├ Timers                     HeapTimers, or NativeTimers: in the store, a NativeTimerQueue for each key group
 *            ├ CompactionCleanup          tells the store when values have expired; StateVisitor is the other way to remove them
 *            ├ FullSnapshot               one for a full checkpoint or a savepoint: read on another thread
 *            └ Increments                 what incremental checkpoints have in common: the series, what is uploaded
 *               └ IncrementalSnapshot        one for an incremental checkpoint: written and uploaded on another thread
 * </pre>
 *
 * <p><b>Threads.</b> The thread that builds a backend is the task's and owns its {@link dev.keybed.Session}; everything but
 * the following runs there. Snapshots are opened there (microseconds) and read by any thread: native snapshots and heap
 * copies of the timers, with serializers of their own. Queryable state opens a session of its own for each question.
 *
 * <p><b>Keys.</b> The store has the encoding {@link dev.keybed.KeyEncoding#FLINK}: {@code key group | key | namespace | map
 * key}, byte for byte what Flink's RocksDB backend writes, with the lengths that Flink appends where key and namespace
 * are both of variable size ({@code KeyParts}). So a canonical savepoint is written without looking at
 * a key. The key is serialized once, when it is set, the namespace once for each state that uses it; states that have
 * none (VoidNamespace, one byte) share it.
 *
 * <p><b>Values.</b> Serializers write to {@code DirectOutputView} and read from {@code
 * DirectInputView}, which are the memory that native code sees: no array, no copy, no garbage of ours.
 * A value that was read must be deserialized before the session is used again; that happens here, never in user code.
 * Of a list, the elements joined by {@code ','}; of a map, {@code 0} and the value, or {@code 1} for null.
 *
 * <p><b>Snapshots.</b> Full checkpoints and native savepoints have the blocks of a native snapshot ({@code NativeFormat});
 * incremental checkpoints the files of a series of native snapshots ({@code IncrementalFormat}), of which those that are in the checkpoint
 * storage are not uploaded again ({@code UploadedFiles}); canonical savepoints are in Flink's format, which any of its backends
 * reads. Timers are in all of them, so a checkpoint with timers is asynchronous. A restore knows which it has by the class of
 * the handle and the first four bytes.
 *
 * <p><b>Memory.</b> The operators of a slot share one native budget, which is the slot's managed memory ({@code SlotMemory}).
 *
 * <p><b>Metrics.</b> Gauges ask the store, not the session, and let go of it before it is closed ({@code BackendMetrics}).
 */
package dev.keybed.flink;
