package org.barewire.sim;

import org.barewire.core.memory.Memory;

/// The Internet checksum (RFC 1071). Its sums are the same in the machine's byte order as in the network's,
/// but for the order of their own two bytes: {@link #of} works in the machine's.
final class InternetSum {
    private InternetSum() {}

    /// The sum of all 16-bit words, not folded; below 2^50 for anything that fits in memory here.
    static long of(long address, int length) {
        long sum = 0;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            long words = Memory.getLong(address + i);
            sum += (words & 0xFFFF_FFFFL) + (words >>> 32);
        }
        for (; i + 2 <= length; i += 2) {
            sum += Memory.getShort(address + i) & 0xFFFF;
        }
        if (i < length) {
            sum += Memory.getByte(address + i) & 0xFF; // a zero byte follows
        }
        return sum;
    }

    /// A number in network order as a summand.
    static int summand(int value) {
        return Short.reverseBytes((short) value) & 0xFFFF;
    }

    /// Adds the carries until 16 bits are left.
    static int fold(long sum) {
        long folded = (sum & 0xFFFF_FFFFL) + (sum >>> 32);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        return (int) ((folded & 0xFFFF) + (folded >>> 16));
    }
}
