package dev.keybed.demo;

/** Why something was left out. Whatever a file system holds, it is counted here and the walk goes on. */
enum SkipReason {
    /** A mount point: inodes are unique on one device only. */
    OTHER_DEVICE("other device"),
    /** Listed, and gone when it was read. */
    VANISHED("vanished"),
    /** No permission, a name too long for the system, an I/O error. */
    UNREADABLE("unreadable"),
    /** A name that Java cannot give back as bytes. */
    ODD_NAME("odd name"),
    /** A directory that is in two places of the tree, by a bind mount: its entries are stored once. */
    SEEN_BEFORE("seen before"),
    /** The directory of the store that is being written. */
    OWN_STORE("this store");

    private final String text;

    SkipReason(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
