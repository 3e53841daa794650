package dev.keybed.flink;

import dev.keybed.Session;

/**
 * The session that all timers of a backend share, and which key group it is in. Each {@link TimerStore} says where it wants it
 * before every operation: another one may have moved it since.
 */
final class TimerSession {
    private static final int NOWHERE = -1;

    private final Session session;
    private final byte[] zeros;
    private int group = NOWHERE;

    /** @param zeros how many bytes the key has that stands for none */
    TimerSession(Session session, int zeros) {
        this.session = session;
        this.zeros = new byte[zeros];
    }

    Session session() {
        return session;
    }

    void select(int wanted) {
        if (group != wanted) {
            group = NOWHERE;
            session.key(wanted).write(zeros);
            group = wanted;
        }
    }
}
