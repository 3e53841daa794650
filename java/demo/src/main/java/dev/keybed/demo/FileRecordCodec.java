package dev.keybed.demo;

import dev.keybed.DirectInput;
import dev.keybed.DirectOutput;
import dev.keybed.KeybedArgumentException;
import java.nio.BufferUnderflowException;

/**
 * The bytes of a {@link FileRecord}. All numbers come first, each at a place that never moves, so that one can be read
 * without decoding the rest; what has no fixed size comes last.
 *
 * <pre>
 *    0  u64  inode                 32  u32  owner's number
 *    8  u64  parent's inode        36  u32  group's number
 *   16  u64  size                  40  u16  permission bits
 *   24  i64  modified              42  u8   type
 *                                  43       owner's name: u16 length, modified UTF-8
 *                                           group's name: u16 length, modified UTF-8
 * </pre>
 *
 * Big-endian, as {@link java.io.DataOutput} says.
 */
final class FileRecordCodec {
    private static final int PARENT_AT = 8;
    private static final int TYPE_AT = 42;

    private FileRecordCodec() {}

    /** Writes a record. Allocates nothing. */
    static void write(FileRecord record, DirectOutput out) {
        out.writeLong(record.inode());
        out.writeLong(record.parent());
        out.writeLong(record.size());
        out.writeLong(record.modified());
        out.writeInt(record.uid());
        out.writeInt(record.gid());
        out.writeShort(record.permissions());
        out.writeByte(record.type());
        out.writeUTF(record.owner());
        out.writeUTF(record.group());
    }

    /**
     * Reads a whole record.
     *
     * @throws DamagedRecordException if the bytes are not exactly one record
     */
    static FileRecord read(DirectInput in) {
        int length = in.remaining();
        FileRecord record = readParts(in, length);
        if (in.remaining() != 0) {
            throw new DamagedRecordException(length + " bytes hold a record and " + in.remaining() + " bytes more");
        }
        return record;
    }

    private static FileRecord readParts(DirectInput in, int length) {
        try {
            long inode = in.readLong();
            long parent = in.readLong();
            long size = in.readLong();
            long modified = in.readLong();
            int uid = in.readInt();
            int gid = in.readInt();
            int permissions = in.readUnsignedShort();
            int type = in.readUnsignedByte();
            return new FileRecord(
                    inode, parent, size, modified, uid, gid, permissions, type, in.readUTF(), in.readUTF());
        } catch (BufferUnderflowException | KeybedArgumentException e) {
            throw new DamagedRecordException(length + " bytes do not hold a record");
        }
    }

    // Single fields. Each takes a view at its start, as the library hands them out, and allocates nothing.

    static long inode(DirectInput in) {
        return in.readLong();
    }

    static long parent(DirectInput in) {
        in.skip(PARENT_AT);
        return in.readLong();
    }

    static int type(DirectInput in) {
        in.skip(TYPE_AT);
        return in.readUnsignedByte();
    }
}
