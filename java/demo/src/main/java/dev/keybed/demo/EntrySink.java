package dev.keybed.demo;

/** Where a walk's entries go. */
interface EntrySink {
    /** Takes the record of a directory's entry. */
    void add(long parent, byte[] name, FileRecord record);

    /** Makes sure of all that was added. */
    void commit();
}
