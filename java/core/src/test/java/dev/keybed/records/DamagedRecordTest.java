package dev.keybed.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keybed.ErrorCode;
import dev.keybed.KeybedException;
import dev.keybed.RecordView;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged bytes are read as some well-formed value or throw CORRUPTION; nothing else is thrown, and nothing outside of
 * them is read: in other surroundings every accessor does the same.
 */
class DamagedRecordTest {
    private static final int[] MASKS = {0x01, 0x41, 0x80, 0xFF};
    private static final int[] LENGTHS = {1, 4, 8, 16, 40};
    private static final List<Placed> PLACES =
            List.of(Placed.EXACT_ARRAY, Placed.PART_OF_AN_ARRAY, Placed.EXACT_DIRECT_BUFFER, Placed.PART_OF_A_DIRECT_BUFFER);

    private int read;
    private int refused;

    static Stream<Dump> dumps() {
        return Dump.all().stream();
    }

    /** All accessors of the record in these bytes, in all places. */
    private void check(Dump dump, byte[] bytes, String what) {
        List<String> first = null;
        for (Placed placed : PLACES) {
            List<String> found = transcript(dump, placed, bytes, what);
            if (first == null) {
                first = found;
                if (found.contains(Accessors.CORRUPTION)) {
                    refused++;
                } else {
                    read++;
                }
            }
            assertEquals(first, found, () -> dump + ", " + what + ", " + placed);
        }
    }

    private static List<String> transcript(Dump dump, Placed placed, byte[] bytes, String what) {
        RecordView view = dump.newView();
        try {
            placed.wrap(view, bytes);
        } catch (KeybedException e) {
            assertEquals(ErrorCode.CORRUPTION, e.errorCode());
            return List.of(Accessors.CORRUPTION);
        }
        try {
            return Accessors.transcript(view);
        } catch (AssertionError e) {
            throw new AssertionError(dump + ", " + what + ", " + placed + ": " + e.getMessage(), e.getCause());
        }
    }

    @ParameterizedTest
    @MethodSource("dumps")
    void cut_at_every_length_at_either_end(Dump dump) {
        for (int length = 0; length < dump.bytes().length; length++) {
            check(dump, Arrays.copyOf(dump.bytes(), length), "the first " + length + " bytes");
            int from = dump.bytes().length - length;
            check(dump, Arrays.copyOfRange(dump.bytes(), from, dump.bytes().length), "the last " + length + " bytes");
        }
        assertTrue(refused > 0);
    }

    @ParameterizedTest
    @MethodSource("dumps")
    void every_byte_with_other_bits(Dump dump) {
        for (int at = 0; at < dump.bytes().length; at++) {
            for (int mask : MASKS) {
                byte[] bytes = dump.bytes().clone();
                bytes[at] ^= (byte) mask;
                check(dump, bytes, "byte " + at + " ^ " + mask);
            }
        }
        assertTrue(refused > 0 && read > 0);
    }

    @ParameterizedTest
    @MethodSource("dumps")
    void ranges_of_zeros_and_ones(Dump dump) {
        for (int length : LENGTHS) {
            for (int from = 0; from + length <= dump.bytes().length; from++) {
                byte[] bytes = dump.bytes().clone();
                Arrays.fill(bytes, from, from + length, (byte) 0);
                check(dump, bytes, length + " zeros from " + from);
                Arrays.fill(bytes, from, from + length, (byte) 0xFF);
                check(dump, bytes, length + " ones from " + from);
            }
        }
        assertTrue(read > 0);
    }
}
