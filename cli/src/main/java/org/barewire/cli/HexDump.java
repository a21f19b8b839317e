package org.barewire.cli;

import java.util.HexFormat;
import org.barewire.core.packet.Packet;

/// A packet's bytes for people: sixteen to a line, with offsets and what of them is ASCII.
final class HexDump {
    private static final int PER_LINE = 16;
    private static final HexFormat HEX = HexFormat.of();

    private HexDump() {}

    /// Appends the lines, each with its end.
    static void append(StringBuilder to, long packet) {
        byte[] bytes = Packet.bytes(packet);
        for (int start = 0; start < bytes.length; start += PER_LINE) {
            int end = Math.min(start + PER_LINE, bytes.length);
            to.append("\t0x").append(HEX.toHexDigits((short) start)).append(": ");
            for (int i = start; i < start + PER_LINE; i++) {
                to.append(i % 2 == 0 ? " " : "").append(i < end ? HEX.toHexDigits(bytes[i]) : "  ");
            }
            to.append("  ");
            for (int i = start; i < end; i++) {
                to.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
            }
            to.append('\n');
        }
    }
}
