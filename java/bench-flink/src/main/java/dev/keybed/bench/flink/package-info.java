/**
 * The state backend beside Flink's own.
 *
 * <p>{@link dev.keybed.bench.flink.ValueStateBenchmark}, {@link dev.keybed.bench.flink.ListStateBenchmark} and {@link
 * dev.keybed.bench.flink.MapStateBenchmark} do the work of the benchmarks of those names in apache/flink-benchmarks, with its
 * constants ({@link dev.keybed.bench.flink.Work}), on each {@link dev.keybed.bench.flink.BackendKind}. {@link
 * dev.keybed.bench.flink.StateReport} prints JMH's results. {@link dev.keybed.bench.flink.CheckpointBench} is a program of its
 * own: checkpoints, restoring and rescaling.
 */
package dev.keybed.bench.flink;
