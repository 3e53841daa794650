package dev.keybed;

/** A state that keeps one value for each key and namespace. */
public final class ValueState extends State {

    ValueState(Session session, int id, String name) {
        super(session, id, name, StateKind.VALUE);
    }
}
