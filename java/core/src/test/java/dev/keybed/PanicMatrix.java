package dev.keybed;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Calls every native once with good arguments while its native side panics. Runs in a JVM of its own, which must survive:
 * the panic must arrive as PANIC, and a store that may have been left half-changed must refuse further work.
 */
final class PanicMatrix {
    private PanicMatrix() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        Engine engine = Engine.valueOf(arguments[1]);
        int faults = 0;
        for (Method method : MisuseMatrix.natives()) {
            String name = method.getDeclaringClass().getSimpleName() + "_" + method.getName();
            Path place = Files.createDirectory(directory.resolve(name));
            if (!panics(method, name, new MisuseWorld(place, engine))) {
                faults++;
            }
        }
        System.out.println(MisuseMatrix.natives().size() + " natives, " + faults + " faults");
    }

    private static boolean panics(Method method, String name, MisuseWorld world) throws Exception {
        String[] roles = MisuseMatrix.roles(method);
        Object[] good = new Object[roles.length];
        for (int i = 0; i < roles.length; i++) {
            // A live session even where the misuse matrix takes a dead one, so that the call succeeds up to the panic.
            good[i] = world.goodValue(roles[i].equals("deadSession") ? "session" : roles[i]);
        }
        PanicInjection.arm("Java_dev_keybed_" + name);
        ErrorCode code = codeOf(method, good);
        PanicInjection.arm(null);
        boolean asPromised = code == ErrorCode.PANIC;
        if (method.getDeclaringClass() == NativeSession.class && method.getReturnType() == int.class) {
            asPromised &= !isHot(method) || codeOf(method, good) == ErrorCode.POISONED;
        }
        if (!asPromised) {
            System.out.println(name + ": " + code);
        }
        world.close();
        return asPromised;
    }

    /** The hot natives panic with the store in hand; the cold ones before they have looked at their arguments. */
    private static boolean isHot(Method method) {
        for (Class<?> parameter : method.getParameterTypes()) {
            if (!parameter.isPrimitive()) {
                return false;
            }
        }
        // These touch the session's own lists, never the store.
        return !method.getName().equals("batchFree") && !method.getName().equals("scanClose")
                && !method.getName().equals("batchClear") && !method.getName().equals("walkFree");
    }

    private static ErrorCode codeOf(Method method, Object[] arguments) throws IllegalAccessException {
        try {
            Object result = method.invoke(null, arguments);
            return result instanceof Integer n && n < -1 ? ErrorCode.ofCode(-n) : null;
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof Coded coded ? coded.errorCode() : null;
        }
    }
}
