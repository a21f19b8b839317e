package org.barewire.core.packet;

/// The two questions behind every `fits`: is the header in the first segment, and is what its length field
/// promises in the packet.
final class Bounds {
    private Bounds() {}

    /// Whether `count` bytes at `offset` lie in the first segment, where all headers must be.
    static boolean fit(long packet, int offset, int count) {
        return offset >= 0 && count <= Packet.length(packet) - offset;
    }

    /// Bytes from `offset` to the end of the last segment.
    static int remaining(long packet, int offset) {
        return Packet.totalLength(packet) - offset;
    }
}
