package dev.keybed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    private static Arguments parse(String words) {
        return Arguments.parse(words.isEmpty() ? List.of() : List.of(words.split(" ")));
    }

    @Test
    void without_arguments_the_defaults_hold() {
        Arguments arguments = parse("");
        assertEquals(Path.of("/usr"), arguments.directory());
        assertEquals(List.of("table"), arguments.engines());
        assertNull(arguments.store());
        assertEquals(50_000, arguments.lookups());
    }

    @Test
    void values_follow_their_name_or_an_equals_sign() {
        Arguments arguments = parse("--dir /opt --engine=rocks --store s --lookups=7 --seed -3");
        assertEquals(new Arguments(Path.of("/opt"), "rocks", Path.of("s"), 7, -3, false), arguments);
        assertEquals(Path.of("a=b"), parse("--dir=a=b").directory());
    }

    @Test
    void both_engines_are_one_after_the_other() {
        assertEquals(List.of("table", "rocks"), parse("--engine both").engines());
        assertEquals(List.of("rocks"), parse("--engine rocks").engines());
    }

    @Test
    void help_is_a_wish_of_its_own() {
        assertTrue(parse("--help").help());
        assertTrue(parse("-h").help());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr", "--directory /usr", "--dir", "--dir=", "--lookups 0", "--lookups x", "--seed 1.5"})
    void what_makes_no_sense_is_refused(String words) {
        assertThrows(UsageException.class, () -> parse(words));
    }
}
