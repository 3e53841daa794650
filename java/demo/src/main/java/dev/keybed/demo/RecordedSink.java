package dev.keybed.demo;

/** Passes entries on, and keeps count of them. */
record RecordedSink(EntrySink sink, StateDigest digest) implements EntrySink {

    @Override
    public void add(long parent, byte[] name, FileRecord record) {
        digest.add(parent, name, record);
        sink.add(parent, name, record);
    }

    @Override
    public void commit() {
        sink.commit();
    }
}
