package dev.keybed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The operating system, processor and C library of this JVM, by the names used in the jar.
 *
 * @param os {@code linux}, {@code macos}, {@code windows}, or what the JVM calls it
 * @param arch {@code x86_64}, {@code aarch64}, or what the JVM calls it
 * @param libc {@code glibc}, {@code musl}, or {@code unknown libc}
 */
record Platform(String os, String arch, String libc) {

    static Platform current() {
        return new Platform(os(System.getProperty("os.name")), arch(System.getProperty("os.arch")), libc(memoryMap()));
    }

    /** The name of the folder that holds this platform's library in the jar. */
    String folder() {
        return os + "-" + arch;
    }

    static String os(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("mac")) {
            return "macos";
        }
        return lower.startsWith("windows") ? "windows" : lower;
    }

    static String arch(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "amd64", "x86-64", "x64" -> "x86_64";
            case "arm64" -> "aarch64";
            default -> lower;
        };
    }

    /** What is mapped into this process tells which C library it really runs on; files on the disk do not. */
    static String libc(String memoryMap) {
        if (memoryMap.contains("/ld-musl")) {
            return "musl";
        }
        return memoryMap.contains("/libc.so.6") || memoryMap.contains("/libc-2.") ? "glibc" : "unknown libc";
    }

    private static String memoryMap() {
        try {
            return Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1);
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    @Override
    public String toString() {
        return os + " " + arch + " " + libc;
    }
}
