/**
 * The jobs that run on a cluster of processes, and their input and output. They are in the user jar; the tests, which start the
 * cluster and know what must come out, are not.
 *
 * <pre>
 *  Input            events by partition and index: anyone can compute them, again and again
 *   └ PartitionSource    reads them, paced, up to the mark that the test sets (Mark)
 *      └ Dedup           each event once, though some are sent twice        map state that lives for an hour
 *         ├ Tumbling     count and sum of a window                          aggregating state in window namespaces
 *         ├ Session      count and digest of a session                      list state, windows that merge
 *         ├ Join         orders and payments                                two map states, event-time timers
 *         ├ Flush        what arrived since the last processing-time timer  value states, timers that repeat
 *         └ Fade         what was seen last, for a moment                   value state that expires
 *            └ LineSink       lines in files that are committed with checkpoints: each line once
 * </pre>
 */
package dev.keybed.cluster;
