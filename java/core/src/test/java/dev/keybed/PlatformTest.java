package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void operating_systems_go_by_one_name() {
        assertEquals("linux", Platform.os("Linux"));
        assertEquals("macos", Platform.os("Mac OS X"));
        assertEquals("windows", Platform.os("Windows 11"));
        assertEquals("freebsd", Platform.os("FreeBSD"));
    }

    @Test
    void processors_go_by_one_name() {
        assertEquals("x86_64", Platform.arch("amd64"));
        assertEquals("x86_64", Platform.arch("x86_64"));
        assertEquals("aarch64", Platform.arch("aarch64"));
        assertEquals("aarch64", Platform.arch("arm64"));
        assertEquals("riscv64", Platform.arch("riscv64"));
    }

    @Test
    void the_c_library_is_the_one_that_is_mapped() {
        assertEquals("musl", Platform.libc("7f.. r-xp /lib/ld-musl-x86_64.so.1\n"));
        assertEquals("glibc", Platform.libc("7f.. r-xp /usr/lib/x86_64-linux-gnu/libc.so.6\n"));
        assertEquals("glibc", Platform.libc("7f.. r-xp /lib64/libc-2.17.so\n"));
        assertEquals("unknown libc", Platform.libc(""));
    }

    @Test
    void this_machine_has_a_folder_in_the_jar() {
        Platform here = Platform.current();
        assertEquals(here.os() + "-" + here.arch(), here.folder());
        assertFalse(here.toString().isBlank());
    }
}
