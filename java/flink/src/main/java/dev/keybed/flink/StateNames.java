package dev.keybed.flink;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a store calls the state of a Flink job: the same, unless the name cannot be a store's (too long, control characters);
 * then {@code %} and a digest of it.
 */
final class StateNames {
    private static final int LONGEST = 255;
    private static final String MARK = "%";
    private static final String TIMERS = MARK + "timers/";

    private StateNames() {}

    static String of(String name) {
        return name.startsWith(MARK) || !isLegal(name) ? MARK + digest(name) : name;
    }

    /** What a store calls the state with the timers of that name: as no state of a job, since a digest has no slash. */
    static String ofTimers(String name) {
        return isLegal(TIMERS + name) ? TIMERS + name : TIMERS + digest(name);
    }

    /** Whether a state of a store has timers. */
    static boolean isOfTimers(String nativeName) {
        return nativeName.startsWith(TIMERS);
    }

    private static boolean isLegal(String name) {
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
            return utf8.remaining() >= 1
                    && utf8.remaining() <= LONGEST
                    && name.chars().noneMatch(c -> Character.isISOControl(c) || c == 0xFFFD);
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static String digest(String name) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(name.getBytes(StandardCharsets.UTF_16BE)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
