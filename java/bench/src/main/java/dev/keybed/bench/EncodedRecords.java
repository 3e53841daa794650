package dev.keybed.bench;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.keybed.bench.records.DirectoryInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The same directories, each with a number of its own, in three encodings. */
final class EncodedRecords {
    static final int COUNT = 64;

    private static final long FIRST = 1_234_567_890;
    /** Of the record of the dump: its first number is the one that differs. */
    private static final int ROOT = 76;

    final byte[][] keybed = new byte[COUNT][];
    final byte[][] flatBuffers = new byte[COUNT][];
    final byte[][] protobuf = new byte[COUNT][];

    EncodedRecords() {
        byte[] sample = sample();
        DirectoryInfo view = new DirectoryInfo();
        view.wrap(sample);
        for (int i = 0; i < COUNT; i++) {
            long id = FIRST + i;
            keybed[i] = sample.clone();
            ByteBuffer.wrap(keybed[i]).order(ByteOrder.LITTLE_ENDIAN).putLong(sample.length - ROOT, id);
            flatBuffers[i] = flatBuffers(view, id);
            protobuf[i] = protobuf(view, id);
        }
    }

    /** As Rust wrote it. */
    private static byte[] sample() {
        try (InputStream in = EncodedRecords.class.getResourceAsStream("/DirectoryInfo.sample.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] flatBuffers(DirectoryInfo view, long id) {
        FlatBufferBuilder builder = new FlatBufferBuilder();
        int[] acls = new int[view.aclsSize()];
        for (int i = 0; i < acls.length; i++) {
            // Stored once, however often it is there.
            int name = builder.createSharedString(view.acls(i).name());
            acls[i] = dev.keybed.bench.flatbuffers.Acl.createAcl(
                    builder,
                    name,
                    (byte) view.acls(i).type().tag(),
                    (byte) view.acls(i).scope().tag(),
                    (short) view.acls(i).permissions());
        }
        int list = dev.keybed.bench.flatbuffers.DirectoryInfo.createAclsVector(builder, acls);
        builder.finish(dev.keybed.bench.flatbuffers.DirectoryInfo.createDirectoryInfo(
                builder,
                id,
                view.updateId(),
                view.parentId(),
                view.creationTime(),
                view.modificationTime(),
                builder.createString(view.name()),
                builder.createString(view.owner()),
                builder.createString(view.group()),
                (short) view.permissions(),
                list));
        return builder.sizedByteArray();
    }

    private static byte[] protobuf(DirectoryInfo view, long id) {
        var builder = dev.keybed.bench.protobuf.DirectoryInfo.newBuilder()
                .setObjectId(id)
                .setUpdateId(view.updateId())
                .setParentId(view.parentId())
                .setCreationTime(view.creationTime())
                .setModificationTime(view.modificationTime())
                .setName(view.name())
                .setOwner(view.owner())
                .setGroup(view.group())
                .setPermissions(view.permissions());
        for (int i = 0; i < view.aclsSize(); i++) {
            builder.addAcls(dev.keybed.bench.protobuf.Acl.newBuilder()
                    .setName(view.acls(i).name())
                    .setTypeValue(view.acls(i).type().tag())
                    .setScopeValue(view.acls(i).scope().tag())
                    .setPermissions(view.acls(i).permissions()));
        }
        return builder.build().toByteArray();
    }

    /** One after the other in one direct buffer. */
    static ByteBuffer direct(byte[][] records) {
        ByteBuffer all = ByteBuffer.allocateDirect(COUNT * records[0].length);
        for (byte[] record : records) {
            all.put(record);
        }
        return all.order(ByteOrder.LITTLE_ENDIAN).clear();
    }
}
