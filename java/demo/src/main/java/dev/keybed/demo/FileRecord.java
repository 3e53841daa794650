package dev.keybed.demo;

/**
 * What the index knows about one directory entry. Two are equal when all they say is equal, which is how answers of the
 * store are checked.
 *
 * @param inode the file's number; of a directory, the key of its own entries
 * @param parent the inode of the directory that holds the entry
 * @param size in bytes
 * @param modified last modification, nanoseconds since 1970
 * @param uid the owner's number
 * @param gid the group's number
 * @param permissions the twelve permission bits
 * @param type the file type as {@code st_mode} has it in its upper four bits: 4 directory, 8 file, 10 link...
 * @param owner the owner's name, or the number in digits if there is none
 * @param group the group's name, likewise
 */
record FileRecord(
        long inode,
        long parent,
        long size,
        long modified,
        int uid,
        int gid,
        int permissions,
        int type,
        String owner,
        String group) {

    static final int DIRECTORY = 4;

    boolean isDirectory() {
        return type == DIRECTORY;
    }

    FileRecord withPermissions(int permissions) {
        return new FileRecord(inode, parent, size, modified, uid, gid, permissions, type, owner, group);
    }
}
