package dev.keybed.cluster;

/** An order, a payment of one, or a note. A class of fields, which Flink's serializer of such classes writes. */
public final class Event {
    /** Kinds. */
    public static final int ORDER = 0, PAYMENT = 1, NOTE = 2;

    /** Identifies the event: the partition in the upper half, the index in the lower. */
    public long number;
    /** Whose event it is; orders and their payments are of one user. */
    public long user;
    /** Event time, in milliseconds. */
    public long time;
    public int kind;
    public long amount;
    /** Of a payment, the number of its order. */
    public long order;
    public String text = "";

    /** For Flink. */
    public Event() {}

    int index() {
        return (int) number;
    }

    @Override
    public String toString() {
        return "event " + (number >>> 32) + "/" + index() + " of user " + user;
    }
}
