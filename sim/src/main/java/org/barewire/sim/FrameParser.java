package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// What the receiver recognises in a frame: packet type, checksums, RSS hash (7.1.2.8, 7.1.6.2, 7.1.11).
/// Guarded by the model's lock.
final class FrameParser {
    static final int TYPE_IPV4 = 0x10;
    static final int TYPE_IPV4_OPTIONS = 0x20;
    static final int TYPE_IPV6 = 0x40;
    static final int TYPE_IPV6_EXTENSIONS = 0x80;
    static final int TYPE_TCP = 0x100;
    static final int TYPE_UDP = 0x200;
    static final int TYPE_SCTP = 0x400;

    private static final int MODE = 0xF;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86DD;
    private static final int HOP_BY_HOP = 0;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int SCTP = 132;

    private final RegisterFile registers;
    private final RssHash rss;

    FrameParser(RegisterFile registers, RssHash rss) {
        this.registers = registers;
        this.rss = rss;
    }

    /// The VLAN tag's position is known: `l3` is where the EtherType's payload begins.
    void parse(FrameInfo frame, long address, int length, int l3) {
        int etherType = Memory.getShortBe(address + l3 - 2) & 0xFFFF;
        if (etherType == ETHERTYPE_IPV4) {
            ipv4(frame, address + l3, length - l3);
        } else if (etherType == ETHERTYPE_IPV6) {
            ipv6(frame, address + l3, length - l3);
        }
        if (spreads()) {
            frame.queue = (frame.type & 0xF) == RssHash.TYPE_NONE ? 0 : rss.queue(frame.hash);
            if (!registers.has(Reg.RXCSUM, Reg.RXCSUM_PCSD)) {
                frame.hash = 0; // the descriptor has the fragment checksum in its place, which is not modelled
            }
        }
    }

    /// True in the one mode of MRQC that is modelled besides "off"; in the others everything goes to queue 0.
    private boolean spreads() {
        return (registers.get(Reg.MRQC) & MODE) == Reg.MRQC_RSS;
    }

    private void ipv4(FrameInfo frame, long header, int available) {
        if (available < 20) {
            return;
        }
        int headerLength = (Memory.getByte(header) & 0xF) * 4;
        int total = Memory.getShortBe(header + 2) & 0xFFFF;
        if (Memory.getByte(header) >>> 4 != 4 || headerLength < 20 || headerLength > total || total > available) {
            return;
        }
        frame.type |= headerLength > 20 ? TYPE_IPV4 | TYPE_IPV4_OPTIONS : TYPE_IPV4;
        frame.status |= FrameInfo.IP_CHECKED;
        if (InternetSum.fold(InternetSum.of(header, headerLength)) != 0xFFFF) {
            frame.status |= FrameInfo.IP_ERROR;
        }
        boolean fragment = (Memory.getShortBe(header + 6) & 0x3FFF) != 0;
        int protocol = fragment ? -1 : Memory.getByte(header + 9) & 0xFF;
        long l4 = header + headerLength;
        int l4Length = total - headerLength;
        int l4Type = l4(frame, protocol, l4, l4Length, InternetSum.of(header + 12, 8));
        hash(frame, header + 12, 8, l4, l4Type, Reg.MRQC_TCP_IPV4, Reg.MRQC_UDP_IPV4, Reg.MRQC_IPV4);
    }

    private void ipv6(FrameInfo frame, long header, int available) {
        if (available < 40 || Memory.getByte(header) >>> 4 != 6) {
            return;
        }
        int left = Memory.getShortBe(header + 4) & 0xFFFF;
        if (left > available - 40) {
            return;
        }
        frame.type |= TYPE_IPV6;
        int next = Memory.getByte(header + 6) & 0xFF;
        long at = header + 40;
        while (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION_OPTIONS || next == FRAGMENT) {
            frame.type |= TYPE_IPV6_EXTENSIONS;
            int bytes = left < 8 ? 0 : next == FRAGMENT ? 8 : ((Memory.getByte(at + 1) & 0xFF) + 1) * 8;
            if (bytes == 0 || bytes > left || next == FRAGMENT) {
                next = -1;
                break;
            }
            next = Memory.getByte(at) & 0xFF;
            at += bytes;
            left -= bytes;
        }
        int l4Type = l4(frame, next, at, left, InternetSum.of(header + 8, 32));
        hash(frame, header + 8, 32, at, l4Type, Reg.MRQC_TCP_IPV6, Reg.MRQC_UDP_IPV6, Reg.MRQC_IPV6);
    }

    /// Recognises and checks the transport header; gives its protocol, or -1 if there is none.
    private int l4(FrameInfo frame, int protocol, long l4, int length, long addressSum) {
        if (protocol == TCP && length >= 20) {
            frame.type |= TYPE_TCP;
            frame.status |= FrameInfo.L4_CHECKED;
            check(frame, TCP, l4, length, addressSum);
            return TCP;
        }
        if (protocol == UDP && length >= 8) {
            frame.type |= TYPE_UDP;
            if (Memory.getShort(l4 + 6) != 0) { // 0: none was computed
                frame.status |= FrameInfo.L4_CHECKED | FrameInfo.UDP_CHECKED;
                check(frame, UDP, l4, length, addressSum);
            }
            return UDP;
        }
        if (protocol == SCTP && length >= 12) {
            frame.type |= TYPE_SCTP;
        }
        return -1;
    }

    private static void check(FrameInfo frame, int protocol, long l4, int length, long addressSum) {
        long sum = addressSum + InternetSum.summand(protocol) + InternetSum.summand(length);
        if (InternetSum.fold(sum + InternetSum.of(l4, length)) != 0xFFFF) {
            frame.status |= FrameInfo.L4_ERROR;
        }
    }

    private void hash(
            FrameInfo frame, long addresses, int bytes, long l4, int l4Type, int tcpField, int udpField, int ipField) {
        int mrqc = registers.get(Reg.MRQC);
        if (!spreads()) {
            return;
        }
        boolean v4 = bytes == 8;
        if (l4Type == TCP && (mrqc & tcpField) != 0) {
            frame.type |= v4 ? RssHash.TYPE_TCP_IPV4 : RssHash.TYPE_TCP_IPV6;
            frame.hash = rss.of(addresses, bytes, l4);
        } else if (l4Type == UDP && (mrqc & udpField) != 0) {
            frame.type |= v4 ? RssHash.TYPE_UDP_IPV4 : RssHash.TYPE_UDP_IPV6;
            frame.hash = rss.of(addresses, bytes, l4);
        } else if ((mrqc & ipField) != 0) {
            frame.type |= v4 ? RssHash.TYPE_IPV4 : RssHash.TYPE_IPV6;
            frame.hash = rss.of(addresses, bytes, 0);
        }
    }
}
