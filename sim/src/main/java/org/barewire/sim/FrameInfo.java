package org.barewire.sim;

import org.barewire.core.memory.Memory;

/// What the receive descriptor says of a frame (7.1.5 legacy, 7.1.6.2 advanced). One object is used for all
/// frames.
final class FrameInfo {
    /// Bytes that {@link #save} needs.
    static final int BYTES = 24;

    static final int DONE = 1;
    static final int END_OF_PACKET = 1 << 1;
    static final int VLAN_STRIPPED = 1 << 3;
    static final int UDP_CHECKED = 1 << 4;
    static final int L4_CHECKED = 1 << 5;
    static final int IP_CHECKED = 1 << 6;
    static final int INEXACT_FILTER = 1 << 7;
    static final int MAC_ERROR = 1 << 29;
    static final int L4_ERROR = 1 << 30;
    static final int IP_ERROR = 1 << 31;

    /// RSS type in bits 3 to 0, packet type in bits 15 to 4.
    int type;

    int hash;
    int status;
    int vlan;
    int queue;
    /// The frame's length on the wire, with the check sequence.
    int wireLength;

    void clear() {
        type = 0;
        hash = 0;
        status = 0;
        vlan = 0;
        queue = 0;
    }

    long lowerWord() {
        return type & 0xFFFF_FFFFL | (long) hash << 32;
    }

    long upperWord(int bytes, boolean last) {
        long words = (long) bytes << 32 | DONE;
        return last ? words | END_OF_PACKET | status & 0xFFFF_FFFFL | (long) vlan << 48 : words;
    }

    /// Length, checksum (not computed), status, errors, VLAN tag.
    long legacyWord(int bytes, boolean last) {
        long words = bytes | (long) DONE << 32;
        if (!last) {
            return words;
        }
        int errors = (status & MAC_ERROR) != 0 ? 1 : 0;
        errors |= status >>> 24 & 0xC0; // checksum errors are the upper two bits of both formats
        return words | (long) (status & 0xFE | END_OF_PACKET) << 32 | (long) errors << 40 | (long) vlan << 48;
    }

    void save(long address) {
        Memory.putInt(address, type);
        Memory.putInt(address + 4, hash);
        Memory.putInt(address + 8, status);
        Memory.putInt(address + 12, vlan);
        Memory.putInt(address + 16, queue);
        Memory.putInt(address + 20, wireLength);
    }

    void load(long address) {
        type = Memory.getInt(address);
        hash = Memory.getInt(address + 4);
        status = Memory.getInt(address + 8);
        vlan = Memory.getInt(address + 12);
        queue = Memory.getInt(address + 16);
        wireLength = Memory.getInt(address + 20);
    }
}
