package dev.keybed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;

/** The handles, buffers and states that {@link MisuseMatrix} calls natives with: good values and bad, by role. */
final class MisuseWorld {
    private static final int BLOCK = 2;
    private static final int REQUEST = 3;
    private static final int IDLE_BLOCK = 4;
    private static final int KEY_CAPACITY = 64;
    private static final int VALUE_CAPACITY = 128;
    private static final int REQUEST_CAPACITY = 256;
    private static final int KEY_LENGTH = 5;
    private static final int NAMESPACE_LENGTH = 4;
    private static final int MAP_KEY_LENGTH = 3;

    private final Path directory;
    private final Engine engine;
    private long store;
    private long session;
    private long closedStore;
    private long closedSession;
    private long sessionOfAnotherThread;
    private long sessionOfAClosedStore;
    private int state;
    private int listState;
    /** A map state of numbers. */
    private int numberState;
    private int foreignState;
    private int batch;
    private int freedBatch;
    private int walk;
    private int freedWalk;
    private ByteBuffer key;
    private ByteBuffer value;
    private ByteBuffer block;
    private ByteBuffer request;
    private ByteBuffer idleBlock;
    private int stores;
    private MisuseSnapshots snapshots;

    MisuseWorld(Path directory, Engine engine) throws Exception {
        this.directory = directory;
        this.engine = engine;
        build();
    }

    private void build() throws Exception {
        closedStore = openStore();
        sessionOfAClosedStore = NativeStore.session(closedStore);
        NativeStore.close(closedStore);
        store = openStore();
        FutureTask<Long> other = new FutureTask<>(() -> {
            long theirs = NativeStore.session(store);
            foreignState = NativeSession.openState(theirs, "map", 2, NAMESPACE_LENGTH);
            return theirs;
        });
        Thread thread = new Thread(other);
        thread.start();
        thread.join();
        sessionOfAnotherThread = other.get();
        closedSession = NativeStore.session(store);
        NativeSession.close(closedSession, false);
        openSession();
        snapshots = new MisuseSnapshots(directory, store, session);
    }

    private long openStore() {
        stores++;
        byte[] path = directory.resolve("store-" + stores).toString().getBytes(StandardCharsets.UTF_8);
        return NativeStore.open(path, new String[] {"engine", engine.optionValue(), "rocks.write-buffer-bytes", "65536"});
    }

    private void openSession() {
        session = NativeStore.session(store);
        key = MisuseMatrix.direct(KEY_CAPACITY);
        value = MisuseMatrix.direct(VALUE_CAPACITY);
        request = MisuseMatrix.direct(REQUEST_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
        block = MisuseMatrix.direct(4096);
        idleBlock = MisuseMatrix.direct(4096);
        registerBuffers();
        state = NativeSession.openState(session, "map", 2, NAMESPACE_LENGTH);
        listState = NativeSession.openState(session, "list", 1, NAMESPACE_LENGTH);
        numberState = NativeSession.openState(session, "numbers", 2, NAMESPACE_LENGTH);
        batch = NativeSession.batchCreate(session);
        freedBatch = NativeSession.batchCreate(session);
        NativeSession.batchFree(session, freedBatch);
        createWalks();
        writeGoodRequest();
    }

    private void createWalks() {
        walk = NativeSession.walkCreate(session, state);
        freedWalk = NativeSession.walkCreate(session, state);
        NativeSession.walkFree(session, freedWalk);
    }

    private void registerBuffers() {
        ByteBuffer[] buffers = {key, value, block, request, idleBlock};
        for (int i = 0; i < buffers.length; i++) {
            NativeSession.registerBuffer(session, i, null);
        }
        for (int i = 0; i < buffers.length; i++) {
            NativeSession.registerBuffer(session, i, buffers[i]);
        }
    }

    /** Puts back what random calls may have taken away by good arguments. */
    void repair() {
        for (int i = 5; i < 64; i++) {
            NativeSession.registerBuffer(session, i, null);
        }
        registerBuffers();
        for (int i = 0; i < 64; i++) {
            NativeSession.batchFree(session, i);
        }
        for (int i = 0; i < 256; i++) {
            NativeSession.walkFree(session, i);
        }
        batch = NativeSession.batchCreate(session);
        freedBatch = NativeSession.batchCreate(session);
        NativeSession.batchFree(session, freedBatch);
        createWalks();
    }

    private void writeGoodRequest() {
        request.putInt(0, 1).putInt(4, KEY_LENGTH).putInt(8, NAMESPACE_LENGTH).putInt(12, MAP_KEY_LENGTH);
    }

    private int requestLength() {
        return 16 + KEY_LENGTH + NAMESPACE_LENGTH + MAP_KEY_LENGTH;
    }

    /** A value that a native accepts in this role. */
    Object goodValue(String role) {
        return switch (role) {
            case "flag" -> false;
            case "hash" -> 42;
            case "maxParallelism" -> 128;
            case "path" -> directory.resolve("another").toString().getBytes(StandardCharsets.UTF_8);
            case "options" -> new String[] {"engine", engine.optionValue(), "max-parallelism", "128"};
            case "store" -> store;
            case "deadStore" -> closedStore;
            case "session" -> session;
            case "deadSession" -> closedSession;
            case "bufferIndex" -> 5;
            case "buffer" -> MisuseMatrix.direct(64);
            case "stateName" -> "state";
            case "kind" -> 0;
            case "namespaceSize" -> NAMESPACE_LENGTH;
            case "state" -> state;
            case "listState" -> listState;
            case "numberState" -> numberState;
            case "delta" -> 1L;
            case "group" -> 1;
            case "keyLen" -> KEY_LENGTH;
            case "nsLen" -> NAMESPACE_LENGTH;
            case "mapKeyLen" -> MAP_KEY_LENGTH;
            case "noMapKeyLen", "from", "packedLen", "packedCount" -> 0;
            case "valueLen" -> 7;
            case "scope" -> 2;
            case "block" -> BLOCK;
            case "idleBlock" -> IDLE_BLOCK;
            case "request" -> REQUEST;
            case "requestLen" -> requestLength();
            case "walk" -> walk;
            case "anyWalk" -> freedWalk;
            case "count" -> 10;
            case "form" -> 2;
            case "element" -> 8;
            case "amount" -> 100L;
            case "batch" -> batch;
            case "anyBatch" -> freedBatch;
            default -> snapshots.goodValue(role);
        };
    }

    /** Values that a native must refuse in this role, all else being good. */
    List<Object> badValues(String role) {
        return switch (role) {
            case "flag", "hash", "anyBatch", "anyWalk", "delta" -> List.of();
            case "maxParallelism" -> List.of(0, -1, 32_769, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "path" -> nullAnd(new byte[0], new byte[] {'/', 0, 'x'}, new byte[100_000]);
            case "options" -> List.of(
                    new String[] {"odd"},
                    new String[] {"no-such-option", "1"},
                    new String[] {null, null},
                    new String[] {"max-parallelism", null},
                    new String[] {"max-parallelism", "\ud800"},
                    new String[] {"max-parallelism", "-99999999999999999999"});
            case "store" -> List.of(0L, -1L, 1L, closedStore, session, 0x1234_5678_9abc_def0L, Long.MIN_VALUE, store + 1);
            case "deadStore" -> List.of(0L, -1L, 1L, session, closedSession, 0x1234_5678_9abc_def0L, Long.MIN_VALUE);
            case "session" -> List.of(
                    0L, -1L, 1L, closedSession, store, closedStore, sessionOfAnotherThread, 0x1234_5678_9abc_def0L,
                    Long.MIN_VALUE, Long.MAX_VALUE, session + 1, session ^ 1L << 32);
            case "deadSession" -> List.of(0L, -1L, 1L, store, sessionOfAnotherThread, 0x1234_5678_9abc_def0L);
            case "bufferIndex" -> List.of(-1, 64, 65, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "buffer" -> List.of(
                    ByteBuffer.allocate(64), MisuseMatrix.direct(64).asReadOnlyBuffer(), key.duplicate(), value.slice());
            case "stateName" -> nullAnd("", "\0", "\n", "x".repeat(256), "x".repeat(100_000));
            case "kind" -> List.of(-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "namespaceSize" -> List.of(-3, 65_536, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "state" -> List.of(-1, 0, 99, state + 1000, foreignState, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "listState" -> List.of(-1, 0, 99, state, foreignState, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "numberState" -> List.of(-1, 0, 99, listState, foreignState, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "group" -> List.of(-1, 128, 65_536, Integer.MIN_VALUE, Integer.MAX_VALUE);
            // ~63 says that the kept key has 63 bytes, which leaves no room for the rest.
            case "keyLen" -> List.of(0, 63, 64, 65, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE, ~63, ~1000);
            case "nsLen" -> List.of(-1, 3, 5, 64, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case "mapKeyLen" -> List.of(-1, -3, 64, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case "noMapKeyLen" -> List.of(-1, 64, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case "valueLen" -> List.of(-1, VALUE_CAPACITY + 1, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case "packedLen" -> List.of(-1, 1, 8, VALUE_CAPACITY + 1, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case "packedCount" -> List.of(-1, 1, 1 << 28, 1 << 29, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case "scope" -> List.of(-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "block" -> List.of(-1, 0, 1, 63, 64, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "idleBlock" -> List.of(-1, 0, 1, IDLE_BLOCK, 63, 64, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "request" -> List.of(-1, BLOCK, 63, 64, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "requestLen" -> List.of(
                    -1, 1, 15, 17, requestLength() - 1, REQUEST_CAPACITY + 1, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case "from" -> List.of(-1, Integer.MIN_VALUE);
            case "batch" -> List.of(-1, freedBatch, 99, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "walk" -> List.of(-1, freedWalk, 999, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "count" -> List.of(-1, Integer.MIN_VALUE);
            case "form" -> List.of(-2, 3, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "element" -> List.of(-4, Integer.MIN_VALUE);
            case "amount" -> List.of(-1L, Long.MIN_VALUE);
            default -> snapshots.badValues(role);
        };
    }

    /** Any value at all in this role. */
    Object randomValue(String role, Random random) {
        List<Object> bad = badValues(role);
        if (bad.isEmpty() || random.nextInt(3) > 0) {
            return goodValue(role);
        }
        Object chosen = bad.get(random.nextInt(bad.size()));
        if (chosen instanceof Integer) {
            return random.nextBoolean() ? chosen : random.nextInt() >> random.nextInt(32);
        }
        return chosen instanceof Long && random.nextInt(4) == 0 ? (Object) random.nextLong() : chosen;
    }

    /** Random bytes where natives parse packed requests. */
    void scribbleRequests(Random random) {
        for (int i = 0; i < REQUEST_CAPACITY; i++) {
            request.put(i, (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0));
        }
    }

    /** The session and the store still do what they should. */
    void assertUsable() {
        writeGoodRequest();
        for (int i = 0; i < KEY_CAPACITY; i++) {
            key.put(i, (byte) ('a' + i % 20));
        }
        value.putLong(0, 4711);
        // A sealed key of another call may be kept; a full one replaces it.
        check(0, NativeSession.put(session, state, 1, KEY_LENGTH, NAMESPACE_LENGTH, MAP_KEY_LENGTH, Long.BYTES));
        value.putLong(0, 0);
        check(8, NativeSession.get(session, state, 1, ~KEY_LENGTH, NAMESPACE_LENGTH, MAP_KEY_LENGTH));
        check(4711, (int) value.getLong(0));
        check(0, NativeSession.batchClear(session, batch));
    }

    private static void check(int expected, int found) {
        if (found != expected) {
            String why = found < -1 ? Errors.ofResult(found).toString() : "" + found;
            throw new AssertionError("the store is not usable any more: expected " + expected + ", found " + why);
        }
    }

    void close() {
        snapshots.close();
        NativeSession.close(session, false);
        NativeSession.close(sessionOfAnotherThread, true);
        NativeSession.close(sessionOfAClosedStore, false);
        NativeStore.close(store);
        NativeStore.close(store);
    }

    static String show(Object value) {
        if (value instanceof byte[] bytes) {
            return bytes.length + " bytes";
        }
        return value instanceof Object[] array ? java.util.Arrays.toString(array) : String.valueOf(value);
    }

    static List<Object> nullAnd(Object... values) {
        List<Object> list = new ArrayList<>(List.of(values));
        list.add(null);
        return list;
    }
}
