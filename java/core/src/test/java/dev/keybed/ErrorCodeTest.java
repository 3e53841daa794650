package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTest {

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void a_code_has_a_number_a_description_and_an_exception(ErrorCode code) {
        // 1 is taken: natives return -1 for "absent".
        assertTrue(code.code() > 1);
        assertEquals(code, ErrorCode.ofCode(code.code()));
        assertFalse(code.description().isBlank());
        RuntimeException exception = Errors.of(code, "message");
        assertEquals(code, assertInstanceOf(Coded.class, exception).errorCode());
        assertEquals("message", exception.getMessage());
    }

    @Test
    void exceptions_are_what_java_programmers_expect() {
        assertInstanceOf(IllegalStateException.class, Errors.of(ErrorCode.CLOSED, ""));
        assertInstanceOf(IllegalArgumentException.class, Errors.of(ErrorCode.EMPTY_KEY, ""));
        assertInstanceOf(KeybedException.class, Errors.of(ErrorCode.IO, ""));
    }

    @Test
    void a_number_without_a_code_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> ErrorCode.ofCode(1));
        assertThrows(IllegalArgumentException.class, () -> ErrorCode.ofCode(-2));
    }
}
