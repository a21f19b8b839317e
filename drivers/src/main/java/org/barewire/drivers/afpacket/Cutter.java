package org.barewire.drivers.afpacket;

import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.IpProtocol;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Ipv6;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.Tcp;
import org.barewire.core.packet.Udp;

/// Cuts a long TCP or UDP packet into frames, each with headers and checksums of its own: what a card with
/// segmentation offload does. One packet at a time.
final class Cutter {
    private static final int MAX_HEADERS = 512;
    private static final int ADDRESSES = 12;

    private final PacketMemory memory;
    private final long headers;
    private int headersLength;
    private int network;
    private int transport;
    private boolean ipv6;
    private boolean udp;
    private int size;
    private boolean first;

    private long from; // payload that has not been cut off: address, bytes there, further segments
    private int here;
    private long next;
    private int left;

    Cutter(PacketMemory memory) {
        this.memory = memory;
        this.headers = memory.allocateRing(MAX_HEADERS);
    }

    /// Begins with a packet, whose memory must stay as it is until it has been cut up.
    ///
    /// @param address   of its first segment
    /// @param length    bytes there, all headers included
    /// @param next      further segments, or 0
    /// @param total     bytes in all segments
    /// @param tag       a VLAN tag to be put in, type and control information, or 0
    /// @param network   where the IP header begins, without that tag
    /// @param transport where the TCP or UDP header begins, without that tag
    /// @param size      payload bytes of each frame but the last
    /// @return false if it can't be: the headers are not there
    boolean begin(
            long address,
            int length,
            long next,
            int total,
            int tag,
            int network,
            int transport,
            boolean udp,
            int size) {
        if (transport + (udp ? Udp.HEADER_LENGTH : Tcp.HEADER_LENGTH) > length) {
            return false;
        }
        int version = Memory.getByte(address + network) >>> 4 & 0xF;
        int end = transport + (udp ? Udp.HEADER_LENGTH : (Memory.getByte(address + transport + 12) & 0xF0) >>> 2);
        int least = version == 6 ? Ipv6.HEADER_LENGTH : Ipv4.HEADER_LENGTH;
        int tagLength = tag == 0 ? 0 : 4;
        boolean possible = (version == 4 || version == 6)
                && network >= ADDRESSES + 2
                && transport - network >= least
                && end > transport
                && end <= length
                && end + tagLength <= MAX_HEADERS
                && end < total
                && size > 0;
        if (!possible) {
            return false;
        }
        copyHeaders(address, end, tag);
        this.headersLength = end + tagLength;
        this.network = network + tagLength;
        this.transport = transport + tagLength;
        this.ipv6 = version == 6;
        this.udp = udp;
        this.size = size;
        this.first = true;
        this.from = address + end;
        this.here = length - end;
        this.next = next;
        this.left = total - end;
        return true;
    }

    private void copyHeaders(long address, int length, int tag) {
        if (tag == 0) {
            Memory.copy(address, headers, length);
            return;
        }
        Memory.copy(address, headers, ADDRESSES);
        Memory.putIntBe(headers + ADDRESSES, tag);
        Memory.copy(address + ADDRESSES, headers + ADDRESSES + 4, length - ADDRESSES);
    }

    /// Whether there is more to be cut off.
    boolean isBusy() {
        return left > 0;
    }

    /// Forgets the rest of the packet.
    void stop() {
        left = 0;
    }

    /// Frames that there are still to come.
    int frames() {
        return (left + size - 1) / size;
    }

    /// Bytes of the next frame.
    int frameLength() {
        return headersLength + Math.min(size, left);
    }

    /// Writes the next frame to an address with room for {@link #frameLength} bytes.
    void cut(long target) {
        int payload = Math.min(size, left);
        Memory.copy(headers, target, headersLength);
        gather(target + headersLength, payload);
        left -= payload;
        long frame = Packet.of(target, headersLength + payload);
        writeNetwork(frame, headersLength - network + payload);
        writeTransport(frame, headersLength - transport + payload);
        first = false;
    }

    private void gather(long target, int count) {
        int done = 0;
        while (done < count) {
            if (here == 0) {
                from = Packet.address(next);
                here = Packet.length(next);
                next = Packet.next(next);
                continue;
            }
            int part = Math.min(count - done, here);
            Memory.copy(from, target + done, part);
            from += part;
            here -= part;
            done += part;
        }
    }

    private void writeNetwork(long frame, int length) {
        if (ipv6) {
            Ipv6.setPayloadLength(frame, network, length - Ipv6.HEADER_LENGTH);
            return;
        }
        Ipv4.setTotalLength(frame, network, length);
        Ipv4.fillChecksum(frame, network);
        long template = Packet.of(headers, headersLength);
        Ipv4.setId(template, network, Ipv4.id(template, network) + 1);
    }

    /// Every frame's sequence number is its own; FIN and PSH are the last one's (RFC 9293, 3.8.2), CWR the
    /// first one's (RFC 3168, 6.1.2).
    private void writeTransport(long frame, int length) {
        int protocol = udp ? IpProtocol.UDP : IpProtocol.TCP;
        int field = transport + (udp ? 6 : 16);
        if (udp) {
            Udp.setLength(frame, transport, length);
        } else {
            int dropped = (first ? 0 : Tcp.CWR) | (left > 0 ? Tcp.FIN | Tcp.PSH : 0);
            Tcp.setFlags(frame, transport, Tcp.flags(frame, transport) & ~dropped);
            long template = Packet.of(headers, headersLength);
            Tcp.setSequence(template, transport, Tcp.sequence(template, transport) + size);
        }
        Packet.setShort(frame, field, 0);
        int pseudo = ipv6
                ? Checksum.pseudoHeaderIpv6(frame, network, protocol, length)
                : Checksum.pseudoHeaderIpv4(frame, network, protocol, length);
        int checksum = ~Checksum.add(pseudo, Checksum.sum(frame, transport, length)) & 0xFFFF;
        boolean none = udp && checksum == 0; // 0 would say that there is none (RFC 768)
        Packet.setShort(frame, field, none ? 0xFFFF : checksum);
    }

    void free() {
        memory.freeRing(headers, MAX_HEADERS);
    }
}
