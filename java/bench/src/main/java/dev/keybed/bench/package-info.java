/**
 * Keybed beside rocksdbjni, the same operation on the same data with the same options in one run. One class a question;
 * a method's name begins with the side it measures:
 *
 * <ul>
 *   <li>{@code keybed}: ours.
 *   <li>{@code rocksdbjniBytes}: the {@code byte[]} API as Flink uses it; reads return new arrays.
 *   <li>{@code rocksdbjniPreallocated}: the {@code byte[]} API reading into an array of the caller.
 *   <li>{@code rocksdbjniDirect}: the direct {@code ByteBuffer} API with reused buffers.
 * </ul>
 *
 * <p>The peer is written the way a careful user would: keys built without garbage in reused memory, options objects
 * made once, iterators and batches closed or reused. {@link dev.keybed.bench.OptionsFiles} checks that both databases run
 * with equal options, and each benchmark checks that both sides give the same bytes before anything is measured.
 *
 * <p>{@link dev.keybed.bench.TableBenchmark}, {@link dev.keybed.bench.TableMultiGetBenchmark} and {@link
 * dev.keybed.bench.EngineBenchmark} are about the engine TABLE, beside {@code hashMap} (a {@link java.util.HashMap}), {@code
 * singleGets} and {@code onRocks} (the same through the engine ROCKS). There each fork opens one side only, and checks all
 * of it.
 *
 * <p>{@link dev.keybed.bench.RecordBenchmark} reads a record: {@code keybed}, {@code flatBuffers}, {@code protobuf}.
 *
 * <p>Run with {@code -prof gc}; {@link dev.keybed.bench.Report} turns the JSON results into a table.
 */
package dev.keybed.bench;
