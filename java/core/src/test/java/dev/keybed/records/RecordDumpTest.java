package dev.keybed.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.RecordBytes;
import dev.keybed.RecordView;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every accessor returns what Rust says it must, wherever the record lies. */
class RecordDumpTest {
    private static final Pattern STEP = Pattern.compile("(\\w+)(?:\\((\\d+)\\))?\\.?");

    private final Set<Method> called = new HashSet<>();

    @ParameterizedTest
    @EnumSource
    void every_accessor_returns_what_was_written(Placed placed) throws ReflectiveOperationException {
        for (Dump dump : Dump.all()) {
            RecordView view = dump.newView();
            placed.wrap(view, dump.bytes());
            for (String line : dump.lines()) {
                int space = line.indexOf(' ');
                check(view, line.substring(0, space), line.substring(space + 1), dump + ": " + line);
            }
        }
        List<Method> forgotten = new ArrayList<>();
        for (Class<?> type : List.of(DirectoryInfo.class, Acl.class, AllKinds.class, Part.class)) {
            Accessors.of(type).stream().filter(method -> !called.contains(method)).forEach(forgotten::add);
        }
        assertEquals(List.of(), forgotten, "accessors that no dump has called");
    }

    private void check(RecordView root, String path, String expected, String what) throws ReflectiveOperationException {
        Object view = root;
        Matcher step = STEP.matcher(path);
        while (step.find()) {
            Object[] arguments = step.group(2) == null ? new Object[0] : new Object[] {Integer.parseInt(step.group(2))};
            Method method = find(view, step.group(1), arguments, 0, null);
            assertNotNull(method, what);
            called.add(method);
            if (step.end() == path.length()) {
                assertEquals(expected, Accessors.call(view, method, arguments), what);
                checkOthers(view, method, arguments, expected, what);
                return;
            }
            checkOthers(view, method, arguments, expected, what);
            view = method.invoke(view, arguments);
        }
    }

    /** The other accessors of the same field agree. */
    private void checkOthers(Object view, Method method, Object[] arguments, String expected, String what)
            throws ReflectiveOperationException {
        Class<?> type = method.getReturnType();
        String name = method.getName();
        if (type == String.class || type == byte[].class) {
            Object value = method.invoke(view, arguments);
            RecordBytes bytes = (RecordBytes) call(view, name, arguments, new RecordBytes(), RecordBytes.class);
            byte[] raw = value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : (byte[]) value;
            if (value == null) {
                assertNull(bytes, what);
                raw = new byte[0];
            } else {
                assertTrue(bytes.contentEquals(raw), what);
                assertEquals(raw.length, bytes.length(), what);
            }
            boolean there = value != null;
            assertEquals(there, call(view, name + "Equals", arguments, raw, byte[].class), what);
            assertEquals(false, call(view, name + "Equals", arguments, new byte[raw.length + 1], byte[].class), what);
            if (type == String.class) {
                String text = there ? (String) value : "";
                assertEquals(there, call(view, name + "Equals", arguments, text, CharSequence.class), what);
                assertEquals(false, call(view, name + "Equals", arguments, text + "x", CharSequence.class), what);
                if (!text.isEmpty()) {
                    String shorter = text.substring(1);
                    assertEquals(false, call(view, name + "Equals", arguments, shorter, CharSequence.class), what);
                }
            }
        } else if (RecordView.class.isAssignableFrom(type)) {
            RecordView own = (RecordView) method.invoke(view, arguments);
            RecordView given = (RecordView) type.getConstructor().newInstance();
            Object found = call(view, name, arguments, given, type);
            assertSame(own == null ? null : given, found, what);
            if (own != null) {
                assertEquals(Accessors.transcript(own), Accessors.transcript(given), what);
            }
        } else {
            Method or = find(view, name + "Or", new Object[0], 1, type);
            if (or != null) {
                called.add(or);
                Object other = Accessors.call(view, method).equals("absent") ? other(type) : method.invoke(view);
                assertEquals(other, or.invoke(view, other(type)), what);
            }
        }
    }

    private Object call(Object view, String name, Object[] before, Object last, Class<?> lastType)
            throws ReflectiveOperationException {
        Method method = find(view, name, before, 1, lastType);
        assertNotNull(method, name);
        called.add(method);
        return before.length == 0 ? method.invoke(view, last) : method.invoke(view, before[0], last);
    }

    private static Method find(Object view, String name, Object[] before, int more, Class<?> lastType) {
        for (Method method : Accessors.of(view.getClass())) {
            Class<?>[] types = method.getParameterTypes();
            boolean fits = types.length == before.length + more && (before.length == 0 || types[0] == int.class);
            if (method.getName().equals(name) && fits && (more == 0 || types[types.length - 1] == lastType)) {
                return method;
            }
        }
        return null;
    }

    private static Object other(Class<?> type) {
        if (type == int.class) {
            return 77;
        }
        if (type == long.class) {
            return 77L;
        }
        if (type == float.class) {
            return 7.5f;
        }
        if (type == double.class) {
            return 7.5;
        }
        return type == boolean.class ? (Object) true : type.getEnumConstants()[0];
    }

    @Test
    void the_sample_directory() {
        DirectoryInfo info = new DirectoryInfo();
        info.wrap(Dump.of("DirectoryInfo.sample").bytes());
        assertEquals(1_234_567_890L, info.objectId());
        assertEquals("/abcdefghifklmno", info.name());
        assertTrue(info.ownerEquals("sodonnell"));
        assertEquals(2, info.aclsSize());
        assertEquals(AclScope.ACCESS, info.acls(1).scope());
        assertEquals("otheruser", info.acls(1).name());
    }

    @Test
    void the_size_of_an_element_view_is_its_own() {
        DirectoryInfo info = new DirectoryInfo();
        info.wrap(Dump.of("DirectoryInfo.sample").bytes());
        Acl first = info.acls(0, new Acl());
        Acl second = info.acls(1, new Acl());
        assertEquals(AclScope.DEFAULT, first.scope());
        assertEquals(AclScope.ACCESS, second.scope());
    }
}
