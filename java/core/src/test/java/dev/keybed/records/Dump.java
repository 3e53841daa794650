package dev.keybed.records;

import dev.keybed.RecordView;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A record as Rust wrote it, and what each accessor must return. */
record Dump(String name, byte[] bytes, List<String> lines) {
    /** All that there are; {@code tests/record_dumps.rs} writes them. */
    static List<Dump> all() {
        return List.of(
                of("DirectoryInfo.sample"),
                of("DirectoryInfo.bare"),
                of("DirectoryInfo.names"),
                of("AllKinds.full"),
                of("AllKinds.bare"));
    }

    static Dump of(String name) {
        String text = new String(read(name + ".txt"), StandardCharsets.UTF_8);
        return new Dump(name, read(name + ".bin"), text.lines().toList());
    }

    private static byte[] read(String file) {
        try (InputStream in = Dump.class.getResourceAsStream("/records/" + file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A view of its class that wraps nothing yet. */
    RecordView newView() {
        return name.startsWith("AllKinds") ? new AllKinds() : new DirectoryInfo();
    }

    @Override
    public String toString() {
        return name;
    }
}
