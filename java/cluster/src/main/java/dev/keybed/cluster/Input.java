package dev.keybed.cluster;

/**
 * The input: partitions of events, each in the order of its time but for those that come late because they are sent again. An
 * event is a function of partition and index, so the job and the test compute the same without talking to each other.
 */
public final class Input {
    public static final int PARTITIONS = 4;
    /** Events of a partition. */
    public static final int EVENTS = 30_000;
    /** From here on, events are of the last phase, which begins when all before it are processed. */
    public static final int LAST_PHASE = 29_000;

    static final int USERS = 2_000;
    /** Milliseconds of event time between two events of a partition. */
    static final int STEP = 10;
    /** How many events later an order is paid. */
    private static final int PAYMENT_LAG = 15;
    /** How many events later an event is sent again. */
    private static final int RESEND_LAG = 2;

    private static final String[] TEXTS = {"", "a note", "ünï — çødé", "x".repeat(120)};

    private Input() {}

    /** What a partition sends at an index: its own event, or one that was sent before. */
    public static Event sent(int partition, int index) {
        boolean again = index >= RESEND_LAG && random(partition, index, 1) % 16 == 0 && index != LAST_PHASE
                && index != LAST_PHASE + 1;
        return event(partition, again ? index - RESEND_LAG : index);
    }

    private static Event event(int partition, int index) {
        Event event = new Event();
        event.number = number(partition, index);
        event.time = (long) index * STEP;
        event.kind = index % 2 == 0 ? Event.ORDER : isPayment(partition, index) ? Event.PAYMENT : Event.NOTE;
        event.user = user(partition, event.kind == Event.PAYMENT ? index - PAYMENT_LAG : index);
        event.order = event.kind == Event.PAYMENT ? number(partition, index - PAYMENT_LAG) : -1;
        event.amount = 1 + random(partition, index, 2) % 1000;
        event.text = TEXTS[(int) (random(partition, index, 3) % TEXTS.length)];
        return event;
    }

    private static boolean isPayment(int partition, int index) {
        return index >= PAYMENT_LAG && random(partition, index, 4) % 10 < 8;
    }

    private static long user(int partition, int index) {
        return random(partition, index, 5) % USERS;
    }

    private static long number(int partition, int index) {
        return (long) partition << 32 | index;
    }

    /** A number from 0 on that looks random: the finalizer of SplitMix64. */
    private static long random(int partition, int index, int salt) {
        return mix((number(partition, index) + 1) * 0x9e3779b97f4a7c15L + salt) >>> 1;
    }

    /** Mixes the bits of a number, one to one. */
    public static long mix(long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
