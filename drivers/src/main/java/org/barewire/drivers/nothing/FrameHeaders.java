package org.barewire.drivers.nothing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Packet;

/// Ethernet, IPv4 and UDP headers of a frame that is well-formed whatever its payload is: the UDP checksum
/// is zero, which means that there is none (RFC 768).
///
/// Kept as six words, the last of which overlaps the one before, so that writing them anew is six stores into
/// one cache line.
final class FrameHeaders {
    static final int BYTES = 42;

    private static final int UDP_CHECKSUM = 40;
    private static final int DISCARD = 9; // the port whose service throws everything away (RFC 863)

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;
    private final long fifth;
    private final long last;

    /// @param destination whom frames are for
    /// @param length      bytes of a frame
    FrameHeaders(MacAddress source, MacAddress destination, int length) {
        byte[] frame = FrameBuilder.ethernet(source, destination)
                .ipv4("198.18.0.1", "198.19.0.1") // for measurements (RFC 2544, appendix C.2.2)
                .udp(DISCARD, DISCARD)
                .length(length)
                .build();
        ByteBuffer words = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        words.putShort(UDP_CHECKSUM, (short) 0);
        first = words.getLong(0);
        second = words.getLong(8);
        third = words.getLong(16);
        fourth = words.getLong(24);
        fifth = words.getLong(32);
        last = words.getLong(BYTES - 8);
    }

    void write(long packet) {
        long address = Packet.address(packet);
        Memory.putLong(address, first);
        Memory.putLong(address + 8, second);
        Memory.putLong(address + 16, third);
        Memory.putLong(address + 24, fourth);
        Memory.putLong(address + 32, fifth);
        Memory.putLong(address + BYTES - 8, last);
    }
}
