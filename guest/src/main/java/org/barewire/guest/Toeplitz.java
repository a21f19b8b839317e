package org.barewire.guest;

import java.nio.ByteBuffer;

/// The hash of receive side scaling (Microsoft, "RSS hashing functions"), written to be read.
final class Toeplitz {
    private Toeplitz() {}

    /// The hash of a TCP or UDP packet: addresses and ports, in network order.
    static int hash(byte[] key, byte[] frame, int addresses, int addressBytes, int ports) {
        ByteBuffer input = ByteBuffer.allocate(addressBytes + 4);
        input.put(frame, addresses, addressBytes).put(frame, ports, 4);
        int hash = 0;
        for (int bit = 0; bit < 8 * input.capacity(); bit++) {
            if ((input.get(bit / 8) & 0x80 >>> bit % 8) != 0) {
                hash ^= window(key, bit);
            }
        }
        return hash;
    }

    /// 32 bits of the key from bit `first` on.
    private static int window(byte[] key, int first) {
        long bits = 0;
        for (int i = 0; i < 5; i++) {
            bits = bits << 8 | key[first / 8 + i] & 0xFF;
        }
        return (int) (bits >>> 8 - first % 8);
    }
}
