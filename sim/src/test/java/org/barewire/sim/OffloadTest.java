package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

/// Checksums, VLAN tags and segmentation. Frames are built with checksums that the tests compute themselves.
class OffloadTest {
    private static final int INSERT_VLAN = 1 << 30;
    private static final int SEGMENT = 1 << 31;
    private static final int INSERT_IP = 1 << 8;
    private static final int INSERT_L4 = 1 << 9;
    private static final int TCP = 1;
    private static final int UDP = 0;

    @Test
    void goodChecksumsAreSeenAsGood() {
        try (Bench bench = Bench.up()) {
            assertStatus(bench, Frames.tcp4(33), FrameInfo.IP_CHECKED | FrameInfo.L4_CHECKED);
            assertStatus(bench, Frames.udp4(33), FrameInfo.IP_CHECKED | FrameInfo.L4_CHECKED | FrameInfo.UDP_CHECKED);
            assertStatus(bench, Frames.tcp6(33), FrameInfo.L4_CHECKED);
            assertStatus(bench, Frames.udp6(33), FrameInfo.L4_CHECKED | FrameInfo.UDP_CHECKED);
            assertStatus(bench, Frames.tagged(Frames.tcp4(33), 1), FrameInfo.IP_CHECKED | FrameInfo.L4_CHECKED);
            assertStatus(bench, Frames.broadcast(90), 0);
        }
    }

    @Test
    void wrongChecksumsAreSeenAsWrong() {
        try (Bench bench = Bench.up()) {
            byte[] payload = Frames.tcp4(33);
            payload[60] ^= 1;
            assertStatus(bench, payload, FrameInfo.IP_CHECKED | FrameInfo.L4_CHECKED | FrameInfo.L4_ERROR);
            byte[] header = Frames.tcp4(33);
            header[Frames.ETHERNET + 8] ^= 1; // the time to live
            assertStatus(bench, header, FrameInfo.IP_CHECKED | FrameInfo.L4_CHECKED | FrameInfo.IP_ERROR);
        }
    }

    @Test
    void udpWithoutAChecksumAndFragmentsAreNotChecked() {
        try (Bench bench = Bench.up()) {
            byte[] none = Frames.udp4(33);
            Frames.put16(none, Frames.ETHERNET + Frames.IPV4 + 6, 0);
            assertStatus(bench, none, FrameInfo.IP_CHECKED);
            byte[] fragment = Frames.tcp4(33);
            fragment[Frames.ETHERNET + 6] = 0x20; // more fragments
            Frames.put16(fragment, Frames.ETHERNET + 10, 0);
            Frames.put16(fragment, Frames.ETHERNET + 10, ~Frames.sum(fragment, Frames.ETHERNET, Frames.ETHERNET + 20));
            assertStatus(bench, fragment, FrameInfo.IP_CHECKED);
        }
    }

    @Test
    void thePacketTypeIsRecognised() {
        try (Bench bench = Bench.up()) {
            assertType(bench, Frames.tcp4(9), FrameParser.TYPE_IPV4 | FrameParser.TYPE_TCP);
            assertType(bench, Frames.udp6(9), FrameParser.TYPE_IPV6 | FrameParser.TYPE_UDP);
            assertType(bench, Frames.broadcast(60), 0);
        }
    }

    @Test
    void everyTruncationOfAFrameIsReceivedWithoutHarm() {
        try (Bench bench = Bench.up()) {
            for (byte[] frame : new byte[][] {Frames.tcp4(40), Frames.tcp6(40), Frames.tagged(Frames.udp6(40), 5)}) {
                for (int length = 60; length < frame.length; length++) {
                    bench.receive(Arrays.copyOf(frame, length));
                    bench.fillRxRing(1);
                }
            }
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void theVlanTagIsStrippedIfTheQueueWantsIt() {
        try (Bench bench = Bench.up()) {
            byte[] frame = Frames.broadcast(100);
            bench.receive(Frames.tagged(frame, 0x6123));
            assertThat(bench.received(0)).isEqualTo(Frames.tagged(frame, 0x6123));
            assertThat(bench.rxUpper(0) & FrameInfo.VLAN_STRIPPED).isZero();
            bench.registers.set(Reg.rxdctl(0), Reg.RXDCTL_VME);
            bench.receive(Frames.tagged(frame, 0x6123));
            assertThat(bench.received(1)).isEqualTo(frame);
            assertThat(bench.rxUpper(1) & FrameInfo.VLAN_STRIPPED).isNotZero();
            assertThat(bench.rxUpper(1) >>> 48).isEqualTo(0x6123);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void checksumsAreInserted() {
        try (Bench bench = Bench.up()) {
            byte[][] frames = {Frames.tcp4(50), Frames.udp4(51), Frames.tcp6(52), Frames.udp6(53)};
            for (byte[] frame : frames) {
                boolean v4 = frame[12] == 0x08;
                int ip = v4 ? Frames.IPV4 : Frames.IPV6;
                boolean tcp = frame[v4 ? 23 : 20] == 6;
                int field = Frames.ETHERNET + ip + (tcp ? 16 : 6);
                byte[] raw = frame.clone();
                int length = frame.length - Frames.ETHERNET - ip;
                Frames.put16(raw, field, Frames.pseudoHeaderSum(frame, tcp ? 6 : 17, length));
                if (v4) {
                    Frames.put16(raw, Frames.ETHERNET + 10, 0);
                }
                context(bench, ip, v4, tcp ? TCP : UDP, 0, 0, 0);
                bench.queueFrame(raw, 0, v4 ? INSERT_IP | INSERT_L4 : INSERT_L4);
                bench.ringTx();
                bench.step();
            }
            assertThat(bench.probe.frames).containsExactly(frames);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aVlanTagIsInserted() {
        try (Bench bench = Bench.up()) {
            byte[] frame = Frames.broadcast(61);
            context(bench, 0, false, UDP, 0, 0, 0xE005);
            bench.queueFrame(frame, INSERT_VLAN, 0);
            bench.ringTx();
            bench.step();
            assertThat(bench.probe.frames).containsExactly(Frames.tagged(frame, 0xE005));
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aLargeTcpPacketIsCutIntoSegmentsThatAreRight() {
        try (Bench bench = Bench.up()) {
            int payload = 4500;
            int segment = 1460;
            byte[] large = Frames.tcp4(payload);
            sendLarge(bench, large, segment, Frames.IPV4);
            assertThat(bench.probe.frames).hasSize(4);
            int header = Frames.ETHERNET + Frames.IPV4 + Frames.TCP;
            byte[] joined = new byte[payload];
            int offset = 0;
            for (int i = 0; i < 4; i++) {
                byte[] frame = bench.probe.frames.get(i);
                int length = frame.length - header;
                assertThat(Frames.u16(frame, 16)).as("IP length").isEqualTo(40 + length);
                assertThat(Frames.u16(frame, 18)).as("IP id").isEqualTo(0x1234 + i);
                assertThat(Frames.sum(frame, 14, 34)).as("IP checksum").isEqualTo(0xFFFF);
                assertThat(Frames.u16(frame, 40)).as("sequence").isEqualTo(1000 + offset);
                assertThat(frame[47]).as("flags").isEqualTo((byte) (i == 3 ? 0x19 : 0x10)); // FIN, PSH in the last
                int sum = Frames.sum(frame, 34, frame.length) + Frames.pseudoHeaderSum(frame, 6, 20 + length);
                assertThat((sum & 0xFFFF) + (sum >>> 16)).as("TCP checksum").isEqualTo(0xFFFF);
                System.arraycopy(frame, header, joined, offset, length);
                offset += length;
            }
            assertThat(joined).isEqualTo(Arrays.copyOfRange(large, header, header + payload));
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aLargeTcpPacketOverIpv6IsCutToo() {
        try (Bench bench = Bench.up()) {
            sendLarge(bench, Frames.tcp6(2000), 1000, Frames.IPV6);
            assertThat(bench.probe.frames).hasSize(2).allSatisfy(frame -> {
                assertThat(Frames.u16(frame, 18)).as("IP length").isEqualTo(1020);
                int sum = Frames.sum(frame, 54, frame.length) + Frames.pseudoHeaderSum(frame, 6, 1020);
                assertThat((sum & 0xFFFF) + (sum >>> 16)).as("TCP checksum").isEqualTo(0xFFFF);
            });
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    /// In buffers of 2 KiB, with a pseudo-header sum without the length, as software does it.
    private static void sendLarge(Bench bench, byte[] large, int segment, int ip) {
        boolean v4 = ip == Frames.IPV4;
        byte[] raw = large.clone();
        Frames.put16(raw, Frames.ETHERNET + ip + 16, Frames.pseudoHeaderSum(large, 6, 0));
        if (v4) {
            Frames.put16(raw, 16, 0);
            Frames.put16(raw, 24, 0);
        } else {
            Frames.put16(raw, 18, 0);
        }
        context(bench, ip, v4, TCP, Frames.TCP, segment, 0);
        int payload = large.length - Frames.ETHERNET - ip - Frames.TCP;
        long options = (long) payload << 14 | INSERT_L4 | (v4 ? INSERT_IP : 0);
        for (int offset = 0; offset < raw.length; offset += Bench.BUFFER) {
            int length = Math.min(Bench.BUFFER, raw.length - offset);
            long buffer = bench.txBuffer(bench.txTail);
            Memory.copy(raw, offset, buffer, length);
            boolean last = offset + length == raw.length;
            int command = (Bench.SEND | SEGMENT) & ~(last ? 0 : 1 << 24 | 1 << 27) | length;
            bench.txDescriptor(PacketMemory.ioAddress(buffer), options << 32 | command & 0xFFFF_FFFFL);
        }
        bench.ringTx();
        bench.step();
    }

    private static void context(Bench bench, int ip, boolean v4, int protocol, int l4, int segment, int tag) {
        long lower = (long) tag << 16 | Frames.ETHERNET << 9 | ip;
        long upper = (long) segment << 48 | (long) l4 << 40 | 1 << 29 | 2 << 20 | protocol << 11 | (v4 ? 1 << 10 : 0);
        bench.txDescriptor(lower, upper);
    }

    private static void assertStatus(Bench bench, byte[] frame, int expected) {
        int slot = bench.registers.read32(Reg.rdh(0));
        bench.receive(frame);
        int mask = FrameInfo.IP_CHECKED | FrameInfo.L4_CHECKED | FrameInfo.UDP_CHECKED;
        mask |= FrameInfo.IP_ERROR | FrameInfo.L4_ERROR;
        assertThat((int) bench.rxUpper(slot) & mask).isEqualTo(expected);
    }

    private static void assertType(Bench bench, byte[] frame, int expected) {
        int slot = bench.registers.read32(Reg.rdh(0));
        bench.receive(frame);
        assertThat(bench.rxLower(slot) & 0xFFF0).isEqualTo(expected);
    }
}
