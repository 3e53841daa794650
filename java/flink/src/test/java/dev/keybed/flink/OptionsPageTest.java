package dev.keybed.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.junit.jupiter.api.Test;

/** The page of options is not stale. After a change run `make generate`, which runs this with {@code KEYBED_BLESS=1}. */
class OptionsPageTest {
    @Test
    void thePageIsWhatTheOptionsSay() throws IOException {
        // Surefire runs in the module's directory.
        Path file = Path.of("../..", OptionsPage.FILE);
        String text = OptionsPage.text();
        if (System.getenv("KEYBED_BLESS") != null) {
            Files.writeString(file, text);
        }
        String found = Files.exists(file) ? Files.readString(file) : "";
        assertTrue(found.equals(text), OptionsPage.FILE + " is stale: run 'make generate' and commit it");
    }

    @Test
    void everyDeclaredOptionIsOnThePageAndSeenByTheBackend() throws IllegalAccessException {
        Set<ConfigOption<?>> declared = new HashSet<>();
        for (Class<?> type : List.of(KeybedOptions.class, KeybedRocksOptions.class, KeybedMetricOptions.class)) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isPublic(field.getModifiers()) && field.getType() == ConfigOption.class) {
                    declared.add((ConfigOption<?>) field.get(null));
                }
            }
        }
        List<ConfigOption<?>> all = KeybedOptions.all();
        assertEquals(declared, new HashSet<>(all));
        assertEquals(declared.size(), all.size(), "an option is listed twice");
        String text = OptionsPage.text();
        declared.forEach(option -> assertTrue(text.contains("| `" + option.key() + "` |"), option.key()));
    }
}
