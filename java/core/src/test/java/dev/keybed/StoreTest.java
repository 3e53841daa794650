package dev.keybed;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test with an open store and a session in it. */
abstract class StoreTest {
    @TempDir
    Path directory;

    Store store;
    Session session;

    @BeforeEach
    void openStore() {
        store = Store.open(directory.resolve("store"), options());
        session = store.newSession();
    }

    @AfterEach
    void closeStore() {
        session.close();
        store.close();
    }

    StoreOptions options() {
        return StoreOptions.defaults();
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
