package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.memory.PacketMemory;

/// One wrong step each with what the device is to do with a packet before it sends it.
class OffloadRulesTest {
    private static final int END_OF_PACKET = 1 << 24;
    private static final int INSERT_FCS = 1 << 25;
    private static final int REPORT_STATUS = 1 << 27;
    private static final int SEGMENT = 1 << 31;
    private static final int INSERT_IP = 1 << 8;
    private static final int INSERT_L4 = 1 << 9;
    private static final int TCP_IPV4 = 3 << 10;
    private static final int TCP = 1 << 11;

    @Breaks(Rule.OFFLOAD_WITHOUT_CONTEXT)
    void anOffloadNeedsAContext(Bench bench) {
        bench.bringUp();
        send(bench, Frames.tcp4(100), 0, INSERT_L4);
        bench.assertComplaint("without a context descriptor", "7.2.3.2.3");
        assertThat(bench.probe.frames).isEmpty();
    }

    @Breaks({Rule.OFFLOAD_WITHOUT_FCS, Rule.TX_WRONG_FCS})
    void offloadsNeedTheCheckSequenceInserted(Bench bench) {
        bench.bringUp();
        context(bench, 14, 20, TCP_IPV4, 20, 0);
        byte[] frame = Frames.tcp4(100);
        int slot = bench.queueFrame(frame, 0, INSERT_L4);
        bench.txCommand(slot, ~INSERT_FCS);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("offloads without IFCS");
    }

    @Breaks({Rule.SEGMENT_CHECKSUMS, Rule.SEGMENT_PAYLOAD})
    void segmentationNeedsBothChecksumsAndThePayloadsLength(Bench bench) {
        bench.bringUp();
        context(bench, 14, 20, TCP_IPV4, 20, 100);
        send(bench, Frames.tcp4(300), SEGMENT, INSERT_L4);
        bench.assertComplaint("TSE without the checksums");
        bench.assertComplaint("PAYLEN is 354 for 300 bytes of payload");
    }

    @Breaks(Rule.IP_CHECKSUM_NOT_IPV4)
    void anIpChecksumIsOnlyForIpv4(Bench bench) {
        bench.bringUp();
        context(bench, 14, 40, TCP, 20, 0);
        send(bench, Frames.tcp6(100), 0, INSERT_IP);
        bench.assertComplaint("IXSM", "not IPv4");
    }

    @Breaks(Rule.CONTEXT_MISFIT)
    void aTransportChecksumMustLieInThePacket(Bench bench) {
        bench.bringUp();
        context(bench, 14, 200, TCP_IPV4, 20, 0);
        send(bench, Frames.tcp4(100), 0, INSERT_L4);
        bench.assertComplaint("transmit ring 0", "does not fit");
        assertThat(bench.probe.frames).isEmpty();
    }

    @Breaks(Rule.CONTEXT_MISFIT)
    void headersMustHaveTheLeastLengthsOfTheirKinds(Bench bench) {
        bench.bringUp();
        int[][] lengths = {{13, 20, 20}, {14, 19, 20}, {14, 20, 7}, {14, 20, 65}, {127, 385, 20}};
        for (int[] length : lengths) {
            context(bench, length[0], length[1], TCP_IPV4, length[2], 100);
            byte[] frame = Frames.tcp4(1000);
            int payload = frame.length - length[0] - length[1] - length[2];
            int slot = bench.queueFrame(frame, SEGMENT, INSERT_IP | INSERT_L4);
            bench.txPayload(slot, payload);
            bench.ringTx();
            bench.step();
            assertThat(bench.probe.frames)
                    .as("%d %d %d", length[0], length[1], length[2])
                    .isEmpty();
        }
    }

    @Breaks(Rule.CONTEXT_MISFIT)
    void aSegmentMustHavePayload(Bench bench) {
        bench.bringUp();
        context(bench, 14, 20, TCP_IPV4, 20, 0); // MSS 0
        byte[] frame = Frames.tcp4(300);
        int slot = bench.queueFrame(frame, SEGMENT, INSERT_IP | INSERT_L4);
        bench.txPayload(slot, 300);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "does not fit");
    }

    @Breaks(Rule.SEGMENT_TOO_LONG)
    void aPacketToBeSegmentedMustNotBeLongerThanPayloadLengthCanSay(Bench bench) {
        bench.bringUp();
        context(bench, 14, 20, TCP_IPV4, 20, 1000);
        int command = Bench.SEND & ~(END_OF_PACKET | REPORT_STATUS) | SEGMENT | 16_000;
        long buffer = PacketMemory.ioAddress(bench.txBuffer(0));
        for (int i = 0; i < 17; i++) {
            bench.txDescriptor(buffer, (long) (INSERT_IP | INSERT_L4) << 32 | command & 0xFFFF_FFFFL);
        }
        bench.txDescriptor(buffer, Bench.SEND | 16_000);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "more than 256 KiB");
        assertThat(bench.probe.frames).isEmpty();
    }

    private static void context(Bench bench, int mac, int ip, int kind, int l4, int segment) {
        long upper = 2L << 20 | 1 << 29 | kind | (long) l4 << 40 | (long) segment << 48;
        bench.txDescriptor((long) mac << 9 | ip, upper);
    }

    private static void send(Bench bench, byte[] frame, int command, int options) {
        bench.queueFrame(frame, command, options);
        bench.ringTx();
        bench.step();
    }
}
