package dev.keybed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** Assertions about errors. */
final class Expect {

    private Expect() {}

    /** The call throws the exception class that the code stands for, with that code and a message; returns the message. */
    static String code(ErrorCode code, Executable call) {
        Class<? extends RuntimeException> type = Errors.of(code, "").getClass();
        RuntimeException thrown = assertThrows(RuntimeException.class, call);
        Coded coded = assertInstanceOf(Coded.class, thrown, () -> "not one of this library's: " + thrown);
        assertEquals(code, coded.errorCode(), coded.getMessage());
        assertEquals(type, thrown.getClass());
        assertNotNull(thrown.getMessage());
        return thrown.getMessage();
    }
}
