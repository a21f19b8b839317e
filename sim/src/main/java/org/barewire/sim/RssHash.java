package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// The Toeplitz hash and the redirection table (7.1.2.8). Guarded by the model's lock.
final class RssHash {
    static final int TYPE_NONE = 0;
    static final int TYPE_TCP_IPV4 = 1;
    static final int TYPE_IPV4 = 2;
    static final int TYPE_TCP_IPV6 = 3;
    static final int TYPE_IPV6 = 5;
    static final int TYPE_UDP_IPV4 = 7;
    static final int TYPE_UDP_IPV6 = 8;

    private static final int INPUT = 36; // two IPv6 addresses and two ports
    private static final int KEY_WORDS = 10;

    private final RegisterFile registers;
    private final int[] table = new int[INPUT * 256]; // what each value of each byte adds to the hash
    private boolean stale = true;

    RssHash(RegisterFile registers) {
        this.registers = registers;
    }

    void keyChanged() {
        stale = true;
    }

    /// The hash of `length` bytes of addresses and, if `ports` isn't 0, the four bytes there.
    int of(long addresses, int length, long ports) {
        if (stale) {
            buildTable();
        }
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash ^= table[i << 8 | Memory.getByte(addresses + i) & 0xFF];
        }
        if (ports != 0) {
            for (int i = 0; i < 4; i++) {
                hash ^= table[length + i << 8 | Memory.getByte(ports + i) & 0xFF];
            }
        }
        return hash;
    }

    /// The queue that the redirection table gives for a hash (RETA).
    int queue(int hash) {
        int entry = hash & 0x7F;
        return registers.get(Reg.reta(entry >> 2)) >>> 8 * (entry & 3) & 0xF;
    }

    private void buildTable() {
        for (int i = 0; i < INPUT; i++) {
            for (int bit = 0; bit < 8; bit++) {
                table[i << 8 | 0x80 >> bit] = keyBits(8 * i + bit);
            }
            for (int value = 1; value < 256; value++) {
                int lowest = Integer.lowestOneBit(value);
                if (lowest != value) {
                    table[i << 8 | value] = table[i << 8 | lowest] ^ table[i << 8 | value ^ lowest];
                }
            }
        }
        stale = false;
    }

    /// 32 bits of the key, from the given bit on; its first byte is the lowest of RSSRK(0).
    private int keyBits(int first) {
        long bits = 0;
        for (int i = 0; i < 5; i++) {
            int index = first / 8 + i;
            int value = index < 4 * KEY_WORDS ? registers.get(Reg.rssrk(index >> 2)) >>> 8 * (index & 3) & 0xFF : 0;
            bits = bits << 8 | value;
        }
        return (int) (bits >>> 8 - first % 8);
    }
}
