package dev.keybed;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Calls every native with every bad argument, one bad argument at a time and then many at random. Runs in a JVM of its
 * own, which must survive. Each call must throw one of this library's exceptions (or what the JVM throws for a null) or
 * return a negative code, and the store must go on working.
 */
final class MisuseMatrix {
    private static final int RANDOM_CALLS = 20_000;

    /** The natives, each with the roles of its arguments. A native that is not here fails the run. */
    private static final Map<String, String> ROLES = new LinkedHashMap<>();

    static {
        ROLES.put("NativeLibrary.abiVersion", "");
        ROLES.put("NativeLibrary.version", "");
        ROLES.put("NativeLibrary.lastErrorMessage", "");
        ROLES.put("NativeLibrary.features", "");
        ROLES.put("NativeLibrary.liveHandles", "");
        ROLES.put("NativeKeys.keyGroup", "hash maxParallelism");
        ROLES.put("NativeStore.open", "path options");
        ROLES.put("NativeStore.close", "deadStore");
        ROLES.put("NativeStore.flush", "store");
        ROLES.put("NativeStore.setExpiry", "store knownState form element delta amount amount");
        ROLES.put("NativeStore.setTime", "store delta");
        ROLES.put("NativeStore.compact", "store knownState");
        ROLES.put("NativeStore.session", "store");
        ROLES.put("NativeStore.statistics", "store");
        ROLES.put("NativeStore.figures", "store");
        ROLES.put("NativeStore.states", "store");
        ROLES.put("NativeSession.close", "deadSession flag");
        ROLES.put("NativeSession.release", "deadSession");
        ROLES.put("NativeSession.acquire", "session");
        ROLES.put("NativeSession.registerBuffer", "session bufferIndex buffer");
        ROLES.put("NativeSession.openState", "session stateName kind namespaceSize");
        ROLES.put("NativeSession.compositeKey", "session block state group keyLen nsLen mapKeyLen");
        ROLES.put("NativeSession.get", "session state group keyLen nsLen mapKeyLen");
        ROLES.put("NativeSession.put", "session state group keyLen nsLen mapKeyLen valueLen");
        ROLES.put("NativeSession.addLong", "session numberState group keyLen nsLen mapKeyLen delta");
        ROLES.put("NativeSession.append", "session listState group keyLen nsLen noMapKeyLen valueLen");
        ROLES.put("NativeSession.delete", "session state group keyLen nsLen mapKeyLen");
        ROLES.put("NativeSession.contains", "session state group keyLen nsLen mapKeyLen");
        ROLES.put("NativeSession.putAll", "session state group keyLen nsLen packedLen packedCount");
        ROLES.put("NativeSession.isEmpty", "session state group keyLen nsLen");
        ROLES.put("NativeSession.clear", "session state group keyLen nsLen scope");
        ROLES.put("NativeSession.scan", "session block state group keyLen nsLen scope");
        ROLES.put("NativeSession.scanNext", "session idleBlock");
        ROLES.put("NativeSession.scanClose", "session block");
        ROLES.put("NativeSession.multiGet", "session block state request requestLen from");
        ROLES.put("NativeSession.readMap", "session block state group keyLen nsLen mapKeyLen count");
        ROLES.put("NativeSession.walkCreate", "session state");
        ROLES.put("NativeSession.walkNext", "session walk block count");
        ROLES.put("NativeSession.walkFree", "session anyWalk");
        ROLES.put("NativeSession.batchCreate", "session");
        ROLES.put("NativeSession.batchFree", "session anyBatch");
        ROLES.put("NativeSession.batchPut", "session batch state group keyLen nsLen mapKeyLen valueLen");
        ROLES.put("NativeSession.batchAppend", "session batch listState group keyLen nsLen noMapKeyLen valueLen");
        ROLES.put("NativeSession.batchDelete", "session batch state group keyLen nsLen mapKeyLen");
        ROLES.put("NativeSession.batchClear", "session batch");
        ROLES.put("NativeSession.batchCommit", "session batch");
        ROLES.put("NativeStore.restore", "path options snapshotPaths");
        ROLES.put("NativeStore.snapshot", "store");
        ROLES.put("NativeStore.snapshotSeries", "store snapshotOptions seriesPaths");
        ROLES.put("NativeSnapshot.describe", "snapshot");
        ROLES.put("NativeSnapshot.count", "snapshot knownState group");
        ROLES.put("NativeSnapshot.release", "snapshot knownState group");
        ROLES.put("NativeSnapshot.write", "snapshot snapshotPath snapshotOptions");
        ROLES.put("NativeSnapshot.stream", "snapshot snapshotOptions");
        ROLES.put("NativeSnapshot.close", "deadSnapshot");
        ROLES.put("NativeBlocks.next", "blocks");
        ROLES.put("NativeBlocks.needed", "blocks");
        ROLES.put("NativeBlocks.registerBuffer", "blocks blockBuffer");
        ROLES.put("NativeBlocks.summary", "stream");
        ROLES.put("NativeBlocks.close", "deadBlocks");
        ROLES.put("NativeStoredSnapshot.open", "snapshotFile");
        ROLES.put("NativeStoredSnapshot.describe", "stored");
        ROLES.put("NativeStoredSnapshot.count", "stored knownState");
        ROLES.put("NativeStoredSnapshot.scan", "stored knownState firstGroup lastGroup");
        ROLES.put("NativeStoredSnapshot.get", "stored knownState group keyBytes namespaceBytes mapKeyBytes");
        ROLES.put("NativeStoredSnapshot.verify", "snapshotFile");
        ROLES.put("NativeStoredSnapshot.close", "deadStored");
        ROLES.put("NativeSnapshotSeries.prepare", "series snapshotPath");
        ROLES.put("NativeSnapshotSeries.close", "deadSeries");
        ROLES.put("NativePreparedSnapshot.finish", "prepared");
        ROLES.put("NativePreparedSnapshot.close", "deadPrepared");
        ROLES.put("NativeSnapshotFiles.read", "snapshotDirectory");
        ROLES.put("NativeSnapshotFiles.verify", "snapshotDirectory");
    }

    private static final List<Class<?>> CLASSES =
            List.of(
                    NativeLibrary.class, NativeKeys.class, NativeStore.class, NativeSession.class, NativeSnapshot.class,
                    NativeBlocks.class, NativeStoredSnapshot.class, NativeSnapshotSeries.class,
                    NativePreparedSnapshot.class, NativeSnapshotFiles.class);

    private final Path directory;
    private final Engine engine;
    private final List<Method> natives = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private MisuseWorld world;
    private int calls;

    private MisuseMatrix(Path directory, Engine engine) {
        this.directory = directory;
        this.engine = engine;
    }

    public static void main(String[] arguments) throws Exception {
        new MisuseMatrix(Path.of(arguments[0]), Engine.valueOf(arguments[1])).run();
    }

    private void run() throws Exception {
        findNatives();
        world = new MisuseWorld(directory, engine);
        for (Method method : natives) {
            oneBadArgumentAtATime(method);
        }
        manyAtRandom();
        world.repair();
        world.assertUsable();
        world.close();
        faults.forEach(System.out::println);
        System.out.println(natives.size() + " natives, " + calls + " calls, " + faults.size() + " faults");
    }

    private void findNatives() {
        for (Method method : natives()) {
            natives.add(method);
            if (!ROLES.containsKey(name(method))) {
                faults.add(name(method) + " is not in the matrix");
            }
        }
    }

    /** Every native of the library. */
    static List<Method> natives() {
        List<Method> found = new ArrayList<>();
        for (Class<?> type : CLASSES) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isNative(method.getModifiers())) {
                    method.setAccessible(true);
                    found.add(method);
                }
            }
        }
        return found;
    }

    private void oneBadArgumentAtATime(Method method) throws Exception {
        String[] roles = roles(method);
        for (int bad = 0; bad < roles.length; bad++) {
            for (Object badValue : world.badValues(roles[bad])) {
                Object[] arguments = new Object[roles.length];
                for (int i = 0; i < roles.length; i++) {
                    arguments[i] = i == bad ? badValue : world.goodValue(roles[i]);
                }
                String call = name(method) + " with " + roles[bad] + " = " + MisuseWorld.show(badValue);
                if (!isRefused(method, arguments, call)) {
                    faults.add(call + " was not refused");
                }
                world.assertUsable();
            }
        }
    }

    /** No call here need be refused; each must come back. */
    private void manyAtRandom() throws Exception {
        Random random = new Random(42);
        for (int i = 0; i < RANDOM_CALLS; i++) {
            Method method = natives.get(random.nextInt(natives.size()));
            String[] roles = roles(method);
            Object[] arguments = new Object[roles.length];
            for (int a = 0; a < roles.length; a++) {
                arguments[a] = world.randomValue(roles[a], random);
            }
            isRefused(method, arguments, name(method));
            if (i % 100 == 0) {
                world.repair();
                world.assertUsable();
                world.scribbleRequests(random);
            }
        }
    }

    private boolean isRefused(Method method, Object[] arguments, String call) throws IllegalAccessException {
        calls++;
        try {
            Object result = method.invoke(null, arguments);
            if (result instanceof Integer code && code < -1) {
                Errors.ofResult(code);
                return true;
            }
            return false;
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getCause();
            if (!(thrown instanceof Coded) && !(thrown instanceof NullPointerException)) {
                faults.add(call + " threw " + thrown);
            } else if (thrown instanceof Coded coded && coded.errorCode() == ErrorCode.PANIC) {
                faults.add(call + " panicked: " + thrown);
            }
            return true;
        }
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }

    static String[] roles(Method method) {
        String roles = ROLES.getOrDefault(name(method), "");
        return roles.isEmpty() ? new String[0] : roles.split(" ");
    }

    /** A direct buffer as natives take it. */
    static ByteBuffer direct(int capacity) {
        return ByteBuffer.allocateDirect(capacity);
    }
}
