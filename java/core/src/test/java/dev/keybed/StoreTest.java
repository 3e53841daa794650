package dev.keybed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test with an open store and a session in it. */
abstract class StoreTest extends EngineTest {
    Store store;
    Session session;

    @BeforeEach
    void openStore() {
        store = Store.open(directory.resolve("store"), options().build());
        session = store.newSession();
    }

    @AfterEach
    void closeStore() {
        session.close();
        store.close();
    }

    /** What the store is opened with. */
    StoreOptionsBuilder options() {
        return engineOptions();
    }

    void key(String key) {
        session.setKey(1, Bytes.of(key));
    }

    /** The store goes on working, whatever was done to it before. */
    void assertUsable() {
        ValueState state = session.valueState("usable-" + System.nanoTime());
        key("still");
        state.put(Bytes.of("here"));
        org.junit.jupiter.api.Assertions.assertEquals("here", Bytes.text(state.getBytes()));
    }
}
