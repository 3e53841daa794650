package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NameBytesTest {

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void a_plain_name_is_its_characters() {
        assertArrayEquals("libc.so.6".getBytes(StandardCharsets.US_ASCII), NameBytes.of(Path.of("/lib/libc.so.6")));
    }

    @Test
    void a_percent_sign_in_a_name_is_no_escape() {
        assertArrayEquals("a%41?b".getBytes(StandardCharsets.US_ASCII), NameBytes.of(Path.of("/tmp/a%41?b")));
    }

    @Test
    void bytes_that_are_no_characters_are_kept() {
        Path path = OddTree.path(Path.of("/tmp"), "a%FF%FE%0A%80z");
        assertArrayEquals(bytes('a', 0xFF, 0xFE, '\n', 0x80, 'z'), NameBytes.of(path));
    }

    @Test
    void a_name_is_the_same_whether_it_is_a_directory_below_the_root_or_not() {
        assertArrayEquals(bytes('t', 'm', 'p'), NameBytes.ofEscaped("/tmp/"));
        assertArrayEquals(bytes('t', 'm', 'p'), NameBytes.ofEscaped("/tmp"));
    }

    @Test
    void every_byte_a_name_can_have_comes_back_from_a_listing(@TempDir Path directory) throws IOException {
        Set<String> expected = new TreeSet<>();
        for (int value = 1; value < 256; value++) {
            if (value != '/') {
                String escaped = String.format(Locale.ROOT, "%%%02X", value).repeat(3);
                OddTree.file(directory, escaped);
                expected.add(escaped);
            }
        }
        Set<String> listed = new TreeSet<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
            for (Path path : paths) {
                StringBuilder escaped = new StringBuilder();
                for (byte each : NameBytes.of(path)) {
                    escaped.append(String.format(Locale.ROOT, "%%%02X", each));
                }
                listed.add(escaped.toString());
            }
        }
        assertEquals(expected, listed);
    }

    @Test
    void what_is_no_name_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> NameBytes.of(Path.of("/")));
        assertThrows(IllegalArgumentException.class, () -> NameBytes.of(Path.of("")));
        assertThrows(IllegalArgumentException.class, () -> NameBytes.ofEscaped("/a/b"));
        assertThrows(IllegalArgumentException.class, () -> NameBytes.ofEscaped("/\u00e9"));
    }

    @Test
    void a_path_is_shown_on_one_line() {
        assertEquals("/tmp/a?b", NameBytes.printable(Path.of("/tmp/a\nb")));
    }
}
