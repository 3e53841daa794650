package dev.keybed.records;

import dev.keybed.ErrorCode;
import dev.keybed.KeybedException;
import dev.keybed.RecordBytes;
import dev.keybed.RecordView;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.NoSuchElementException;

/** Calls accessors of generated classes, all of them, by reflection. */
final class Accessors {
    /** What a call did that damaged bytes may do. */
    static final String CORRUPTION = "corruption";

    private static final int MAX_DEPTH = 4;

    /** One or more for each type of parameter. */
    private static final List<Object> ARGUMENTS = List.of(
            "otheruser", "\u00e4\ud83d\ude00", new byte[] {1, 2}, new RecordBytes(), 7, 7L, 7.5f, 7.5, true, Colour.RED,
            new Acl(), new Part());

    private Accessors() {}

    /** The accessors of a class, in the order of their names and parameters. */
    static List<Method> of(Class<?> type) {
        return CACHE.get(type);
    }

    private static final ClassValue<List<Method>> CACHE = new ClassValue<>() {
        @Override
        protected List<Method> computeValue(Class<?> type) {
            return Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers()))
                    .sorted(Comparator.comparing(Method::toString))
                    .toList();
        }
    };

    static boolean takes(Method method, Class<?>... types) {
        return Arrays.equals(method.getParameterTypes(), types);
    }

    /** What a call returns or throws, as {@code tests/common/describe.rs} prints it. */
    static String call(Object view, Method method, Object... arguments) {
        try {
            return print(method.invoke(view, arguments));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof KeybedException k && k.errorCode() == ErrorCode.CORRUPTION) {
                return CORRUPTION;
            }
            if (e.getCause() instanceof NoSuchElementException) {
                return "absent";
            }
            if (e.getCause() instanceof IndexOutOfBoundsException && isOfElement(method)) {
                return "no such element";
            }
            throw new AssertionError(method + " threw " + e.getCause(), e.getCause());
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    static String print(Object value) {
        if (value instanceof Float f) {
            return String.format("f32:%08x", Float.floatToRawIntBits(f));
        }
        if (value instanceof Double d) {
            return String.format("f64:%016x", Double.doubleToRawLongBits(d));
        }
        if (value instanceof byte[] bytes) {
            return "bytes:" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof RecordBytes bytes) {
            return "bytes:" + HexFormat.of().formatHex(bytes.toByteArray());
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof String text) {
            return quote(text);
        }
        return value instanceof RecordView ? "view" : String.valueOf(value);
    }

    private static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        return out.append('"').toString();
    }

    /** What every accessor of a view returns or throws, those of nested records too. */
    static List<String> transcript(RecordView view) {
        List<String> out = new ArrayList<>();
        visit(view, out, 0);
        return out;
    }

    private static void visit(RecordView view, List<String> out, int depth) {
        for (Method method : of(view.getClass())) {
            if (takes(method)) {
                out.add(call(view, method));
                if (depth < MAX_DEPTH && RecordView.class.isAssignableFrom(method.getReturnType())) {
                    follow(view, method, out, depth);
                }
            } else if (takes(method, int.class) && isOfElement(method)) {
                visitElements(view, method, out, depth);
            } else {
                visitWithArgument(view, method, out);
            }
        }
    }

    /** Whether the first parameter is the index of an element. */
    static boolean isOfElement(Method method) {
        return method.getParameterCount() > 0
                && method.getParameterTypes()[0] == int.class
                && !method.getName().endsWith("Or");
    }

    private static void visitWithArgument(RecordView view, Method method, List<String> out) {
        Class<?>[] types = method.getParameterTypes();
        for (Object argument : ARGUMENTS) {
            if (wrap(types[types.length - 1]).isInstance(argument)) {
                Object[] arguments = types.length == 2 ? new Object[] {0, argument} : new Object[] {argument};
                out.add(call(view, method, arguments));
            }
        }
    }

    private static Class<?> wrap(Class<?> type) {
        return MethodType.methodType(type).wrap().returnType();
    }

    private static void visitElements(RecordView view, Method method, List<String> out, int depth) {
        // Lists of damaged records may be long; behind the end there is no element.
        for (int i = 0; i < 40; i++) {
            String found = call(view, method, i);
            out.add(found);
            if (found.equals("view") && depth < MAX_DEPTH) {
                follow(view, method, out, depth, i);
            } else if (found.equals("no such element") || found.equals(CORRUPTION) && i > 2) {
                return;
            }
        }
    }

    private static void follow(RecordView view, Method method, List<String> out, int depth, Object... arguments) {
        try {
            Object nested = method.invoke(view, arguments);
            if (nested != null) {
                visit((RecordView) nested, out, depth + 1);
            }
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof KeybedException)) {
                throw new AssertionError(method + " threw " + e.getCause(), e.getCause());
            }
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
