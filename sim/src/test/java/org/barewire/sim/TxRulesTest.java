package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

/// One wrong step each in sending.
class TxRulesTest {
    private static final int END_OF_PACKET = 1 << 24;
    private static final int INSERT_FCS = 1 << 25;
    private static final int REPORT_STATUS = 1 << 27;
    private static final int SEGMENT = 1 << 31;
    private static final int INSERT_IP = 1 << 8;
    private static final int INSERT_L4 = 1 << 9;

    @Test
    void aPacketMustEndBeforeTheTail() {
        try (Bench bench = Bench.up()) {
            put(bench, Bench.SEND & ~END_OF_PACKET | 60, 60 << 14);
            bench.assertComplaint("TDT(0)", "no EOP");
            assertThat(bench.probe.frames).isEmpty();
        }
    }

    @Test
    void aDescriptorMustHaveALengthThatIsAllowed() {
        try (Bench bench = Bench.up()) {
            put(bench, Bench.SEND, 0);
            bench.assertComplaint("transmit ring 0", "0 bytes");
        }
        try (Bench bench = Bench.up()) {
            put(bench, Bench.SEND | 16_000, 16_000 << 14);
            bench.assertComplaint("transmit ring 0", "16000 bytes");
        }
    }

    @Test
    void aPacketMustHaveSeventeenBytes() {
        try (Bench bench = Bench.up()) {
            put(bench, Bench.SEND | 16, 16 << 14);
            bench.assertComplaint("16 bytes", "below 17");
        }
    }

    @Test
    void thePayloadLengthMustBeThePackets() {
        try (Bench bench = Bench.up()) {
            put(bench, Bench.SEND | 60, 61 << 14);
            bench.assertComplaint("PAYLEN is 61 for 60 bytes");
        }
    }

    @Test
    void aDescriptorMustNotBeDoneAlready() {
        try (Bench bench = Bench.up()) {
            put(bench, Bench.SEND | 60, 60 << 14 | 1);
            bench.assertComplaint("TDT(0)", "DD");
        }
    }

    @Test
    void aBufferMustLieInMappedMemory() {
        try (Bench bench = Bench.up()) {
            bench.txDescriptor(0x1000, (60L << 14) << 32 | (Bench.SEND | 60) & 0xFFFF_FFFFL);
            bench.ringTx();
            bench.step();
            bench.assertComplaint("transmit ring 0", "60 bytes at 0x1000");
            bench.send(Frames.broadcast(60));
            assertThat(bench.probe.frames).isEmpty(); // the queue has stopped
        }
    }

    @Test
    void anOffloadNeedsAContext() {
        try (Bench bench = Bench.up()) {
            bench.queueFrame(Frames.tcp4(100), 0, INSERT_L4);
            bench.ringTx();
            bench.step();
            bench.assertComplaint("without a context descriptor", "7.2.3.2.3");
        }
    }

    @Test
    void segmentationNeedsBothChecksumsAndThePayloadsLength() {
        try (Bench bench = Bench.up()) {
            bench.txDescriptor(14L << 9 | 20, 2L << 20 | 1 << 29 | 3 << 10 | 20L << 40 | 100L << 48);
            bench.queueFrame(Frames.tcp4(300), SEGMENT, INSERT_L4);
            bench.ringTx();
            bench.step();
            bench.assertComplaint("TSE without the checksums");
            bench.assertComplaint("PAYLEN is 354 for 300 bytes of payload");
        }
    }

    @Test
    void anIpChecksumIsOnlyForIpv4() {
        try (Bench bench = Bench.up()) {
            bench.txDescriptor(14L << 9 | 40, 2L << 20 | 1 << 29 | 1 << 11 | 20L << 40);
            bench.queueFrame(Frames.tcp6(100), 0, INSERT_IP);
            bench.ringTx();
            bench.step();
            bench.assertComplaint("IXSM", "not IPv4");
        }
    }

    @Test
    void offloadsNeedTheCheckSequenceInserted() {
        try (Bench bench = Bench.up()) {
            bench.txDescriptor(14L << 9 | 20, 2L << 20 | 1 << 29 | 3 << 10 | 20L << 40);
            long buffer = PacketMemory.ioAddress(bench.txBuffer(0));
            long upper = (100L << 14 | INSERT_L4) << 32 | (Bench.SEND & ~INSERT_FCS | 100);
            bench.txDescriptor(buffer, upper);
            bench.ringTx();
            bench.step();
            bench.assertComplaint("offloads without IFCS");
        }
    }

    @Test
    void aCheckSequenceBySoftwareMustBeRight() {
        try (Bench bench = Bench.up()) {
            put(bench, Bench.SEND & ~INSERT_FCS | 64, 64 << 14);
            bench.assertComplaint("wrong FCS");
        }
    }

    @Test
    void burstsOfStatusNeedItAskedForInEveryPacket() {
        try (Bench bench = withControl(4 << Reg.TXDCTL_WTHRESH_SHIFT)) {
            put(bench, Bench.SEND & ~REPORT_STATUS | 60, 60 << 14);
            bench.assertComplaint("without RS", "WTHRESH");
        }
    }

    @Test
    void thresholdsMustFitOnTheChip() {
        try (Bench bench = withControl(4 << Reg.TXDCTL_WTHRESH_SHIFT | 37)) {
            bench.assertComplaint("TXDCTL(0)", "PTHRESH and WTHRESH");
        }
    }

    @Test
    void reservedBitsOfTxdctlMustBeClear() {
        try (Bench bench = withControl(1 << 7)) {
            bench.assertComplaint("TXDCTL(0)", "0x80", "reserved");
        }
    }

    @Test
    void headWriteBackHasRulesOfItsOwn() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.configure();
            bench.registers.set(Reg.dcaTxctrl(0), Reg.DCA_TXCTRL_WRITE_BACK_RELAXED);
            long io = PacketMemory.ioAddress(bench.txBuffer(0)) + 8;
            bench.prepareTxQueue(0);
            bench.registers.write32(Reg.tdwbal(0), (int) io | Reg.TDWBAL_ENABLE);
            bench.registers.write32(Reg.tdwbah(0), (int) (io >>> 32));
            bench.registers.write32(Reg.txdctl(0), 1 << Reg.TXDCTL_WTHRESH_SHIFT);
            bench.enableTxQueue(0);
            bench.assertComplaint("TDWBAL(0)", "multiple of 16");
            bench.assertComplaint("TDWBAL(0)", "DCA_TXCTRL(0) bit 11");
            bench.assertComplaint("TDWBAL(0)", "WTHRESH must be 0");
        }
    }

    private static Bench withControl(int control) {
        Bench bench = new Bench();
        bench.reset();
        bench.configure();
        bench.prepareTxQueue(0);
        bench.registers.write32(Reg.txdctl(0), control);
        bench.enableTxQueue(0);
        bench.step();
        return bench;
    }

    private static void put(Bench bench, int command, int options) {
        long buffer = PacketMemory.ioAddress(bench.txBuffer(bench.txTail));
        bench.txDescriptor(buffer, (long) options << 32 | command & 0xFFFF_FFFFL);
        bench.ringTx();
        bench.step();
    }
}
