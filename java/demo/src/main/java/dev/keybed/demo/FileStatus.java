package dev.keybed.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the file system says about a file (of a symbolic link: about the link).
 *
 * @param record what the index stores
 * @param device the device the file is on; inodes are unique on one device only
 * @param changed when anything about the file was changed last ({@code st_ctime}), nanoseconds since 1970. No program
 *     can set it back, so two equal ones mean that nothing happened in between
 */
record FileStatus(FileRecord record, long device, long changed) {
    private static final String NUMBERS = "unix:ino,dev,mode,size,uid,gid,lastModifiedTime,ctime";
    private static final String NUMBERS_AND_NAMES = NUMBERS + ",owner,group";

    /** Reads the numbers, and names that are not known yet. */
    static FileStatus read(Path path, long parent, PrincipalNames names) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, NUMBERS, LinkOption.NOFOLLOW_LINKS);
        int uid = (Integer) attributes.get("uid");
        int gid = (Integer) attributes.get("gid");
        if (names.knows(uid, gid)) {
            return of(attributes, parent, names.owner(uid), names.group(gid));
        }
        // Numbers and names in one reading: the owner may just be changing, and a wrong pair would stay.
        FileStatus status = readAfresh(path, parent);
        FileRecord record = status.record();
        names.learn(record.uid(), record.owner(), record.gid(), record.group());
        return status;
    }

    /** Reads everything from the system, names too. */
    static FileStatus readAfresh(Path path, long parent) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, NUMBERS_AND_NAMES, LinkOption.NOFOLLOW_LINKS);
        return of(attributes, parent, attributes.get("owner").toString(), attributes.get("group").toString());
    }

    static long inode(Path path) throws IOException {
        return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    private static FileStatus of(Map<String, Object> attributes, long parent, String owner, String group) {
        int mode = (Integer) attributes.get("mode");
        FileRecord record = new FileRecord(
                (Long) attributes.get("ino"),
                parent,
                (Long) attributes.get("size"),
                nanos(attributes.get("lastModifiedTime")),
                (Integer) attributes.get("uid"),
                (Integer) attributes.get("gid"),
                mode & 07777,
                mode >>> 12 & 0xF,
                owner,
                group);
        return new FileStatus(record, (Long) attributes.get("dev"), nanos(attributes.get("ctime")));
    }

    private static long nanos(Object time) {
        return ((FileTime) time).to(TimeUnit.NANOSECONDS);
    }
}
