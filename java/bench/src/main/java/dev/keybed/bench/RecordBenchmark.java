// What does it cost to read a record of which only the bytes are there?
package dev.keybed.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.keybed.bench.records.Acl;
import dev.keybed.bench.records.DirectoryInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * One number, one string, one string compared, and all fields of a directory: a view of ours, FlatBuffers and Protocol
 * Buffers. An operation takes the next record's bytes and reads. The peers at their best: one reused FlatBuffers object,
 * over buffers that were made before; a ByteBuffer for each array would cost it an allocation more.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-Xms1g", "-Xmx1g"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class RecordBenchmark {
    private static final String NAME = "/abcdefghifklmno";

    /** Where the bytes are. */
    @Param({"array", "direct"})
    public String memory;

    private final byte[] name = NAME.getBytes(StandardCharsets.UTF_8);
    private final EncodedRecords records = new EncodedRecords();
    private final DirectoryInfo view = new DirectoryInfo();
    private final dev.keybed.bench.flatbuffers.DirectoryInfo flat = new dev.keybed.bench.flatbuffers.DirectoryInfo();
    private final dev.keybed.bench.flatbuffers.Acl flatAcl = new dev.keybed.bench.flatbuffers.Acl();
    private final ByteBuffer[] flatArrays = new ByteBuffer[EncodedRecords.COUNT];

    private boolean inArrays;
    private ByteBuffer keybedDirect;
    private ByteBuffer flatDirect;
    private ByteBuffer protobufDirect;
    private int next;

    /** Encodes, and checks that all sides read the same. */
    @Setup(Level.Trial)
    public void setUp() throws InvalidProtocolBufferException {
        inArrays = memory.equals("array");
        for (int i = 0; i < EncodedRecords.COUNT; i++) {
            flatArrays[i] = ByteBuffer.wrap(records.flatBuffers[i]);
        }
        keybedDirect = EncodedRecords.direct(records.keybed);
        flatDirect = EncodedRecords.direct(records.flatBuffers);
        protobufDirect = EncodedRecords.direct(records.protobuf);
        for (int i = 0; i < EncodedRecords.COUNT; i++) {
            next = i;
            long ours = keybedOneNumber();
            next = i;
            long flatBuffers = flatBuffersOneNumber();
            next = i;
            long protobuf = protobufOneNumber();
            boolean compared = keybedStringCompared() && flatBuffersStringCompared() && protobufStringCompared();
            if (ours != flatBuffers || ours != protobuf || !compared || !keybedOneString().equals(NAME)) {
                throw new IllegalStateException("the sides read different records");
            }
        }
        System.out.printf(
                "DirectoryInfo: keybed %d bytes, FlatBuffers %d, Protocol Buffers %d%n",
                records.keybed[0].length, records.flatBuffers[0].length, records.protobuf[0].length);
    }

    /** For the {@link MeasuredThread} profiler. */
    @Setup(Level.Iteration)
    public void startIteration() {
        MeasuredThread.start();
    }

    /** For the {@link MeasuredThread} profiler. */
    @TearDown(Level.Iteration)
    public void endIteration() {
        MeasuredThread.stop();
    }

    private int next() {
        return next++ & EncodedRecords.COUNT - 1;
    }

    private DirectoryInfo ours() {
        int i = next();
        if (inArrays) {
            view.wrap(records.keybed[i]);
        } else {
            int length = records.keybed[i].length;
            view.wrap(keybedDirect, i * length, length);
        }
        return view;
    }

    private dev.keybed.bench.flatbuffers.DirectoryInfo flat() {
        int i = next();
        ByteBuffer bytes = inArrays ? flatArrays[i] : flatDirect.position(i * records.flatBuffers[i].length);
        return dev.keybed.bench.flatbuffers.DirectoryInfo.getRootAsDirectoryInfo(bytes, flat);
    }

    private dev.keybed.bench.protobuf.DirectoryInfo protobuf() throws InvalidProtocolBufferException {
        int i = next();
        if (inArrays) {
            return dev.keybed.bench.protobuf.DirectoryInfo.parseFrom(records.protobuf[i]);
        }
        int length = records.protobuf[i].length;
        ByteBuffer bytes = protobufDirect.limit((i + 1) * length).position(i * length);
        return dev.keybed.bench.protobuf.DirectoryInfo.parseFrom(bytes);
    }

    @Benchmark
    public long keybedOneNumber() {
        return ours().objectId();
    }

    @Benchmark
    public long flatBuffersOneNumber() {
        return flat().objectId();
    }

    @Benchmark
    public long protobufOneNumber() throws InvalidProtocolBufferException {
        return protobuf().getObjectId();
    }

    @Benchmark
    public String keybedOneString() {
        return ours().name();
    }

    @Benchmark
    public String flatBuffersOneString() {
        return flat().name();
    }

    @Benchmark
    public String protobufOneString() throws InvalidProtocolBufferException {
        return protobuf().getName();
    }

    @Benchmark
    public boolean keybedStringCompared() {
        return ours().nameEquals(name);
    }

    @Benchmark
    public boolean flatBuffersStringCompared() {
        return flat().name().equals(NAME);
    }

    @Benchmark
    public boolean protobufStringCompared() throws InvalidProtocolBufferException {
        return protobuf().getName().equals(NAME);
    }

    @Benchmark
    public void keybedAllFields(Blackhole hole) {
        DirectoryInfo info = ours();
        hole.consume(info.objectId());
        hole.consume(info.updateId());
        hole.consume(info.parentId());
        hole.consume(info.creationTime());
        hole.consume(info.modificationTime());
        hole.consume(info.name());
        hole.consume(info.owner());
        hole.consume(info.group());
        hole.consume(info.permissions());
        int acls = info.aclsSize();
        for (int i = 0; i < acls; i++) {
            Acl acl = info.acls(i);
            hole.consume(acl.name());
            hole.consume(acl.type());
            hole.consume(acl.scope());
            hole.consume(acl.permissions());
        }
    }

    @Benchmark
    public void flatBuffersAllFields(Blackhole hole) {
        dev.keybed.bench.flatbuffers.DirectoryInfo info = flat();
        hole.consume(info.objectId());
        hole.consume(info.updateId());
        hole.consume(info.parentId());
        hole.consume(info.creationTime());
        hole.consume(info.modificationTime());
        hole.consume(info.name());
        hole.consume(info.owner());
        hole.consume(info.group());
        hole.consume(info.permissions());
        int acls = info.aclsLength();
        for (int i = 0; i < acls; i++) {
            dev.keybed.bench.flatbuffers.Acl acl = info.acls(flatAcl, i);
            hole.consume(acl.name());
            hole.consume(acl.type());
            hole.consume(acl.scope());
            hole.consume(acl.permissions());
        }
    }

    @Benchmark
    public void protobufAllFields(Blackhole hole) throws InvalidProtocolBufferException {
        dev.keybed.bench.protobuf.DirectoryInfo info = protobuf();
        hole.consume(info.getObjectId());
        hole.consume(info.getUpdateId());
        hole.consume(info.getParentId());
        hole.consume(info.getCreationTime());
        hole.consume(info.getModificationTime());
        hole.consume(info.getName());
        hole.consume(info.getOwner());
        hole.consume(info.getGroup());
        hole.consume(info.getPermissions());
        int acls = info.getAclsCount();
        for (int i = 0; i < acls; i++) {
            dev.keybed.bench.protobuf.Acl acl = info.getAcls(i);
            hole.consume(acl.getName());
            hole.consume(acl.getType());
            hole.consume(acl.getScope());
            hole.consume(acl.getPermissions());
        }
    }
}
