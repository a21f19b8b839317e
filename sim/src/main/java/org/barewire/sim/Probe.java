package org.barewire.sim;

import org.barewire.core.memory.Memory;

/// A numbered, timestamped test frame: Ethernet, at most one VLAN tag, IPv4 or IPv6, UDP, and in it
///
/// | offset | bytes | |
/// |---|---|---|
/// | 0  | 2 | {@link #MAGIC} |
/// | 2  | 2 | stream: which source sent it |
/// | 4  | 6 | sequence number |
/// | 10 | 8 | time of sending, in nanoseconds of the sender's clock |
/// | 18 |   | filler, which follows from the sequence number |
///
/// all big-endian. Every bit but the Ethernet addresses and the VLAN tag is covered by a checksum or the
/// filler. {@link ProbeWriter} writes one.
///
/// Nothing here reads beyond the length it is given, and nothing throws because of what is there. Safe to
/// call from any thread.
public final class Probe {
    /// What {@link #check} makes of a frame.
    public enum Verdict {
        /// A probe, and every bit that can be checked is right.
        GOOD,
        /// A probe with a wrong checksum or filler.
        CORRUPTED,
        /// Something else, or damaged beyond recognition.
        NOT_A_PROBE
    }

    public static final int MAGIC = 0xBA7E;

    /// Bytes of the shortest probe, which has IPv4 and no tag.
    public static final int MIN_LENGTH = 60;

    /// Bytes of the longest probe.
    public static final int MAX_LENGTH = 16_000;

    /// The largest sequence number.
    public static final long MAX_SEQUENCE = (1L << 48) - 1;

    static final int ETHERNET = 14;
    static final int TAG = 4;
    static final int IPV4 = 20;
    static final int IPV6 = 40;
    static final int UDP = 8;
    /// Bytes of UDP payload in front of the filler.
    static final int NUMBERS = 18;

    static final int TYPE_VLAN = 0x8100;
    static final int TYPE_IPV4 = 0x0800;
    static final int TYPE_IPV6 = 0x86DD;
    static final int PROTOCOL_UDP = 17;

    private Probe() {}

    /// Says whether a frame is a probe, and an intact one.
    public static Verdict check(long address, int length) {
        int payload = find(address, length);
        if (payload < 0) {
            return Verdict.NOT_A_PROBE;
        }
        return intact(address, payload) ? Verdict.GOOD : Verdict.CORRUPTED;
    }

    /// The stream number of a probe, 0 to 65,535; -1 if it is none.
    public static int stream(long address, int length) {
        int payload = find(address, length);
        return payload < 0 ? -1 : streamAt(address + payload);
    }

    /// The sequence number of a probe, 0 to {@link #MAX_SEQUENCE}; -1 if it is none.
    public static long sequence(long address, int length) {
        int payload = find(address, length);
        return payload < 0 ? -1 : sequenceAt(address + payload);
    }

    /// When a probe was sent, by the sender's clock; 0 if it is none.
    public static long timestampNanos(long address, int length) {
        int payload = find(address, length);
        return payload < 0 ? 0 : timestampAt(address + payload);
    }

    /// Where a probe's UDP payload begins, or -1 if the frame is no probe: if its headers are not as they
    /// must be, do not fit into the length, or the magic number is missing.
    static int find(long address, int length) {
        if (length < MIN_LENGTH) {
            return -1;
        }
        int network = ETHERNET;
        int type = unsignedShort(address + 12);
        if (type == TYPE_VLAN) {
            network += TAG;
            type = unsignedShort(address + 16);
        }
        int udp = -1;
        if (type == TYPE_IPV4) {
            udp = udpInIpv4(address, network, length - network);
        } else if (type == TYPE_IPV6) {
            udp = udpInIpv6(address, network, length - network);
        }
        return udp > 0 && unsignedShort(address + udp + UDP) == MAGIC ? udp + UDP : -1;
    }

    /// RFC 791 3.1: no options, no fragment, room for the numbers.
    private static int udpInIpv4(long address, int network, int room) {
        if (room < IPV4 + UDP + NUMBERS || Memory.getByte(address + network) != 0x45) {
            return -1;
        }
        long ip = address + network;
        int total = unsignedShort(ip + 2);
        boolean fits = total >= IPV4 + UDP + NUMBERS
                && total <= room
                && (unsignedShort(ip + 6) & 0x3FFF) == 0
                && Memory.getByte(ip + 9) == PROTOCOL_UDP
                && unsignedShort(ip + IPV4 + 4) == total - IPV4;
        return fits ? network + IPV4 : -1;
    }

    /// RFC 8200 3: no extension header, room for the numbers.
    private static int udpInIpv6(long address, int network, int room) {
        if (room < IPV6 + UDP + NUMBERS || (Memory.getByte(address + network) & 0xF0) != 0x60) {
            return -1;
        }
        long ip = address + network;
        int payload = unsignedShort(ip + 4);
        boolean fits = payload >= UDP + NUMBERS
                && payload <= room - IPV6
                && Memory.getByte(ip + 6) == PROTOCOL_UDP
                && unsignedShort(ip + IPV6 + 4) == payload;
        return fits ? network + IPV6 : -1;
    }

    /// Checks filler and checksums of a frame in which {@link #find} has found a payload.
    static boolean intact(long address, int payload) {
        long udp = address + payload - UDP;
        int udpLength = unsignedShort(udp + 4);
        int filler = udpLength - UDP - NUMBERS;
        long sequence = sequenceAt(udp + UDP);
        if (filler > Filler.MAX || !Filler.matches(udp + UDP + NUMBERS, filler, sequence)) {
            return false;
        }
        long pseudo = (long) PROTOCOL_UDP + udpLength;
        if (payload < ETHERNET + IPV6) { // 42 or 46 with IPv4, 62 or 66 with IPv6
            if (InternetSum.fold(sum(udp - IPV4, IPV4)) != 0xFFFF) {
                return false;
            }
            pseudo += sum(udp - 8, 8);
        } else {
            pseudo += sum(udp - 32, 32);
        }
        return InternetSum.fold(pseudo + sum(udp, UDP) + sumOfNumbers(udp + UDP) + Filler.sum(filler, sequence))
                == 0xFFFF;
    }

    static int streamAt(long payload) {
        return unsignedShort(payload + 2);
    }

    static long sequenceAt(long payload) {
        return (long) unsignedShort(payload + 4) << 32 | unsignedInt(payload + 6);
    }

    static long timestampAt(long payload) {
        return Memory.getLongBe(payload + 10);
    }

    private static long sumOfNumbers(long payload) {
        return sum(payload, 16) + unsignedShort(payload + 16);
    }

    /// Sum of 32-bit words, which {@link InternetSum#fold} makes a sum of 16-bit ones (RFC 1071 2).
    private static long sum(long address, int length) {
        long sum = 0;
        for (int i = 0; i < length; i += 4) {
            sum += unsignedInt(address + i);
        }
        return sum;
    }

    private static int unsignedShort(long address) {
        return Memory.getShortBe(address) & 0xFFFF;
    }

    private static long unsignedInt(long address) {
        return Memory.getIntBe(address) & 0xFFFF_FFFFL;
    }
}
