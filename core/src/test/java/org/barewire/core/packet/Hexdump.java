package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.HexFormat;

/// Bytes as people read them, and an assertion that shows two packets side by side.
final class Hexdump {
    private static final int ROW = 16;
    private static final HexFormat SPACED = HexFormat.ofDelimiter(" ");

    private Hexdump() {}

    /// The bytes in `hex`, which may have white space anywhere.
    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    static void assertSame(byte[] actual, byte[] expected) {
        if (!Arrays.equals(actual, expected)) {
            fail("%d bytes expected, %d found:%n%s"
                    .formatted(expected.length, actual.length, sideBySide(expected, actual)));
        }
    }

    /// Expected bytes on the left, actual ones on the right, rows that differ marked.
    static String sideBySide(byte[] expected, byte[] actual) {
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < Math.max(expected.length, actual.length); row += ROW) {
            String left = row(expected, row);
            String right = row(actual, row);
            text.append("%04x  %-47s  %s  %s%n".formatted(row, left, left.equals(right) ? " " : "!", right));
        }
        return text.toString();
    }

    private static String row(byte[] bytes, int from) {
        return from < bytes.length ? SPACED.formatHex(bytes, from, Math.min(from + ROW, bytes.length)) : "";
    }
}
