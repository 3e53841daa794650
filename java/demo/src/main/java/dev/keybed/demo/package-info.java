/**
 * A demonstration on real input: the directory tree of this machine as keyed state.
 *
 * <pre>
 *   {@link dev.keybed.demo.DirectoryDemo}     the command line
 *   {@link dev.keybed.demo.FirstLook}         the walk once in vain, before engines are compared
 *   {@link dev.keybed.demo.DemoRun}           the steps, in order, for an engine
 *     {@link dev.keybed.demo.TreeWalk}        file system to store
 *     {@link dev.keybed.demo.LookupRun}       timed: paths, one get for each component
 *     {@link dev.keybed.demo.MultiGetRun}     timed: the same entries, many in one call
 *     {@link dev.keybed.demo.ScanRun}         timed: directories, one scan each
 *     {@link dev.keybed.demo.FullScan}        timed: everything
 *     {@link dev.keybed.demo.RecordCheck}     store against file system: files
 *     {@link dev.keybed.demo.ListingCheck}    store against file system: directories
 *     {@link dev.keybed.demo.Rewrite}         records changed in write batches, and changed back
 *     {@link dev.keybed.demo.CrashRun}        a checkpoint, a crash, a recovery with more tasks
 *   {@link dev.keybed.demo.Report}            what came out
 * </pre>
 *
 * <p>To learn how the library is used read {@link dev.keybed.demo.EntryIndex}, {@link dev.keybed.demo.EntryWriter} and
 * {@link dev.keybed.demo.FileRecordCodec}: nothing else touches keys or values. To see a checkpoint read {@link
 * dev.keybed.demo.Worker} and {@link dev.keybed.demo.Recovery}.
 */
package dev.keybed.demo;
