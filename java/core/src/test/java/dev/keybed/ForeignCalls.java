package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** Everything that another thread than the owner can call of a session and of what was made with it. */
final class ForeignCalls {
    private final Session session;
    private final ValueState value;
    private final ListState list;
    private final MapState map;
    private final WriteBatch batch;
    private final MultiGet get;
    private final EntryCursor cursor;
    private final byte[] evil = Bytes.of("evil");

    ForeignCalls(Session session) {
        this.session = session;
        value = session.valueState("foreign value");
        list = session.listState("foreign list");
        map = session.mapState("foreign map");
        session.setKey(7, evil);
        session.setMapKey("entry");
        map.put(Bytes.of("shown"));
        batch = session.newWriteBatch();
        get = map.newMultiGet();
        get.add();
        cursor = map.newCursor();
    }

    /** Starts a cursor and a multi-get, each on an entry, with the key they were made with. */
    void withCursorsOnEntries() {
        get.execute();
        session.setKey(7, evil);
        assertTrue(cursor.seek().next());
    }

    /** The cursor and the multi-get are where they were. */
    void assertCursorsShowTheirEntries() {
        assertEquals("entry", Bytes.text(cursor.key()));
        assertEquals("shown", Bytes.text(cursor.value()));
        assertEquals(1, get.size());
        assertEquals("shown", Bytes.text(get.value(0)));
    }

    /** Calls all of it; to be run by a thread that does not own the session. */
    void allRefused() {
        for (Executable call : calls()) {
            Expect.code(ErrorCode.WRONG_THREAD, call);
        }
    }

    private List<Executable> calls() {
        ByteBuffer bytes = ByteBuffer.wrap(evil);
        return List.of(
                () -> session.key(1),
                () -> session.key(-1),
                () -> session.setKey(1, 1L),
                () -> session.setKey(1, evil),
                () -> session.setKey(1, bytes),
                session::namespace,
                () -> session.setNamespace(1L),
                () -> session.setNamespace(evil),
                () -> session.setNamespace(bytes),
                session::mapKey,
                () -> session.setMapKey(1L),
                () -> session.setMapKey(evil),
                () -> session.setMapKey(bytes),
                () -> session.setMapKey("evil"),
                session::value,
                () -> session.compositeKey(value, ByteBuffer.allocate(100)),
                () -> session.valueState("other"),
                () -> session.listState("other"),
                () -> session.mapState("other"),
                session::newWriteBatch,
                session::release,
                session::acquire,
                session::close,
                value::get,
                () -> value.get(ByteBuffer.allocate(100)),
                value::getBytes,
                value::contains,
                value::put,
                () -> value.put(evil),
                () -> value.put(bytes),
                value::delete,
                () -> value.addLong(1),
                () -> map.addLong(1),
                () -> value.clear(Scope.KEY_GROUP),
                () -> value.newCursor(Scope.KEY),
                value::newMultiGet,
                list::add,
                () -> list.add(evil),
                () -> list.add(bytes),
                map::scan,
                map::newCursor,
                map::isEmpty,
                map::clear,
                cursor::seek,
                cursor::next,
                cursor::key,
                cursor::value,
                cursor::close,
                get::add,
                get::execute,
                () -> get.found(0),
                () -> get.value(0),
                get::clear,
                get::close,
                () -> batch.put(value),
                () -> batch.append(list),
                () -> batch.delete(value),
                batch::commit,
                batch::clear,
                batch::close);
    }
}
