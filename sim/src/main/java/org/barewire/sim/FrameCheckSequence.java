package org.barewire.sim;

import org.barewire.core.memory.Memory;

/// Ethernet's CRC-32 (IEEE 802.3, 3.2.9), as the four bytes that follow a frame, read as a little-endian
/// number.
final class FrameCheckSequence {
    static final int BYTES = 4;

    private static final int POLYNOMIAL = 0xEDB88320;
    private static final int[] TABLE = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL;
            }
            TABLE[i] = crc;
        }
    }

    private FrameCheckSequence() {}

    static int of(long address, int length) {
        int crc = ~0;
        for (int i = 0; i < length; i++) {
            crc = crc >>> 8 ^ TABLE[(crc ^ Memory.getByte(address + i)) & 0xFF];
        }
        return ~crc;
    }
}
