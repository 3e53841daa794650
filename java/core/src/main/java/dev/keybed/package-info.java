/**
 * Native keyed state for stream processors on the JVM.
 *
 * <pre>
 *   {@link dev.keybed.Store}            a directory of state; thread-safe
 *     {@link dev.keybed.Session}        one thread's way in: current key, current value
 *       {@link dev.keybed.ValueState}   one value for each key and namespace
 *       {@link dev.keybed.ListState}    a list that grows by appending
 *       {@link dev.keybed.MapState}     a map that can be scanned
 *         {@link dev.keybed.EntryCursor} the scan: entry by entry, or by whole {@linkplain dev.keybed.Block blocks}
 *       {@link dev.keybed.WriteBatch}   many writes, all or none
 *       {@link dev.keybed.MultiGet}     many reads in one call
 *     {@link dev.keybed.Snapshot}       all states at one moment, for any thread
 *       {@link dev.keybed.SnapshotStream} on its way out, block by block
 *     {@link dev.keybed.SnapshotSeries} snapshots that share files
 *   {@link dev.keybed.StoredSnapshot}   a snapshot in a file
 * </pre>
 *
 * <p>Keys and values are bytes. They are written with {@link dev.keybed.DirectOutput} and read with {@link
 * dev.keybed.DirectInput}, straight in memory that native code sees, and no operation on the hot path allocates a Java
 * object.
 *
 * <p>Every exception implements {@link dev.keybed.Coded} and carries an {@link dev.keybed.ErrorCode}. No misuse crashes
 * the JVM: an object that is closed, of another session, or used by another thread throws. Arguments and results are
 * never null unless a method says so.
 *
 * <p>System properties:
 *
 * <ul>
 *   <li>{@code keybed.native.path}: the native library to load, and no other;
 *   <li>{@code keybed.native.dir}: where the jar's own copy is extracted first (then {@code java.io.tmpdir}, {@code
 *       user.home});
 *   <li>{@code keybed.leak.tracking=true}: stores, sessions and snapshots remember where they were created, and those that are
 *       forgotten are reported to the logger {@code dev.keybed}.
 * </ul>
 */
package dev.keybed;
