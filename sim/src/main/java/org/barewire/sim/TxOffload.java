package org.barewire.sim;

import org.barewire.core.memory.Memory;

/// Inserts checksums and VLAN tags into a frame in the device's own memory (7.2.5, 7.4).
final class TxOffload {
    private static final int ADDRESSES = 12;

    private TxOffload() {}

    /// The IPv4 header's checksum; software leaves 0 in its field.
    static void insertIpChecksum(long frame, TxContext context) {
        long header = frame + context.macLength;
        int sum = InternetSum.fold(InternetSum.of(header, context.ipLength));
        Memory.putShort(header + 10, (short) ~sum);
    }

    /// The transport checksum; software leaves the sum of the pseudo-header in its field.
    ///
    /// @param extra what is missing in that sum, as a summand
    static void insertL4Checksum(long frame, int length, TxContext context, int extra) {
        int start = context.macLength + context.ipLength;
        int sum = ~InternetSum.fold(InternetSum.of(frame + start, length - start) + extra) & 0xFFFF;
        boolean udp = context.protocol == TxContext.PROTOCOL_UDP;
        Memory.putShort(frame + context.l4Checksum(), (short) (udp && sum == 0 ? 0xFFFF : sum));
    }

    /// A legacy descriptor's checksum: of everything from `start` on, stored at `at` (7.2.3.2.2).
    static void insertChecksum(long frame, int length, int start, int at) {
        if (start < length && at + 2 <= length) {
            int sum = InternetSum.fold(InternetSum.of(frame + start, length - start));
            Memory.putShort(frame + at, (short) ~sum);
        }
    }

    /// Inserts a tag, for which four bytes in front of the frame are free; gives the frame's new address.
    static long insertVlan(long frame, int etherType, int tag) {
        long moved = frame - 4;
        Memory.copy(frame, moved, ADDRESSES);
        Memory.putShortBe(moved + ADDRESSES, (short) etherType);
        Memory.putShortBe(moved + ADDRESSES + 2, (short) tag);
        return moved;
    }
}
