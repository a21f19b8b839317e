package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;
import org.barewire.drivers.ixgbe.Reg;

/// One wrong step each with transmit queues, and with the descriptors of packets that are sent as they are.
class TxRulesTest {
    private static final int END_OF_PACKET = 1 << 24;
    private static final int INSERT_FCS = 1 << 25;
    private static final int REPORT_STATUS = 1 << 27;
    private static final int ADVANCED = 1 << 29;
    private static final int MIDDLE = Bench.SEND & ~(END_OF_PACKET | REPORT_STATUS);
    private static final int LEGACY = END_OF_PACKET | INSERT_FCS;

    @Breaks(Rule.TX_QUEUE_FIRST)
    void theTransmitterMustBeOnBeforeItsQueues(Bench bench) {
        bench.reset();
        bench.startTxQueue(0);
        bench.assertComplaint("TXDCTL(0)", "DMATXCTL.TE");
    }

    @Breaks(Rule.TX_THRESHOLDS)
    void thresholdsMustFitOnTheChip(Bench bench) {
        enable(bench, 4 << Reg.TXDCTL_WTHRESH_SHIFT | 37);
        bench.assertComplaint("TXDCTL(0)", "PTHRESH and WTHRESH");
    }

    @Breaks(Rule.TX_CONTROL_RESERVED)
    void reservedBitsOfTxdctlMustBeClear(Bench bench) {
        enable(bench, 1 << 7);
        bench.assertComplaint("TXDCTL(0)", "0x80", "reserved");
    }

    @Breaks({Rule.HEAD_ALIGNMENT, Rule.HEAD_ORDER, Rule.HEAD_THRESHOLD})
    void headWriteBackHasRulesOfItsOwn(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.set(Reg.dcaTxctrl(0), Reg.DCA_TXCTRL_WRITE_BACK_RELAXED);
        bench.prepareTxQueue(0);
        writeBackHeadTo(bench, PacketMemory.ioAddress(bench.txBuffer(0)) + 8);
        bench.registers.write32(Reg.txdctl(0), 1 << Reg.TXDCTL_WTHRESH_SHIFT);
        bench.enableTxQueue(0);
        bench.assertComplaint("TDWBAL(0)", "multiple of 16");
        bench.assertComplaint("TDWBAL(0)", "DCA_TXCTRL(0) bit 11");
        bench.assertComplaint("TDWBAL(0)", "WTHRESH must be 0");
    }

    @Breaks(Rule.HEAD_ACCESS)
    void theHeadMustBeWrittenToMappedMemory(Bench bench) {
        bench.resetAndConfigure();
        bench.prepareTxQueue(0);
        writeBackHeadTo(bench, 1L << 40);
        bench.enableTxQueue(0);
        bench.assertComplaint("TDWBAL(0)", "may not access", "0x10000000000");
    }

    @Breaks(Rule.HEAD_UNMAPPED)
    void theHeadsMemoryMustStayWhileItsQueueIsEnabled(Bench bench) {
        bench.resetAndConfigure();
        Region region = bench.memory.add(1);
        bench.prepareTxQueue(0);
        writeBackHeadTo(bench, PacketMemory.ioAddress(region.address()));
        bench.enableTxQueue(0);
        bench.memory.remove(region);
        bench.assertComplaint("TDWBAL(0)", "was unmapped");
        bench.step();
        bench.send(Frames.broadcast(60)); // nothing is written, and nothing crashes
        assertThat(bench.probe.frames).hasSize(1);
    }

    @Breaks(Rule.TX_UNFINISHED)
    void aPacketMustEndBeforeTheTail(Bench bench) {
        send(bench, Bench.SEND & ~(END_OF_PACKET | REPORT_STATUS) | 60, 60 << 14);
        bench.assertComplaint("TDT(0)", "no EOP");
        assertThat(bench.probe.frames).isEmpty();
    }

    @Breaks(Rule.TX_UNFINISHED)
    void theTailMustNotFollowAContext(Bench bench) {
        bench.bringUp();
        bench.txDescriptor(14L << 9 | 20, 2L << 20 | ADVANCED);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("TDT(0)", "no EOP");
    }

    @Breaks(Rule.TX_DESCRIPTOR_LENGTH)
    void aDescriptorMustNotBeEmpty(Bench bench) {
        send(bench, Bench.SEND, 0);
        bench.assertComplaint("transmit ring 0", "0 bytes");
    }

    @Breaks(Rule.TX_DESCRIPTOR_LENGTH)
    void aDescriptorMustNotHaveMoreThanSixteenKibibytes(Bench bench) {
        send(bench, Bench.SEND | 16_385, 16_385 << 14);
        bench.assertComplaint("transmit ring 0", "16385 bytes", "1 to 16384");
    }

    @Breaks(Rule.TX_DESCRIPTOR_LENGTH)
    void aLegacyDescriptorMustNotHaveMoreThanTheLongestFrame(Bench bench) {
        send(bench, LEGACY | 15_873, 0);
        bench.assertComplaint("transmit ring 0", "15873 bytes", "1 to 15872");
    }

    @Breaks(Rule.TX_DESCRIPTOR_LENGTH)
    void aNullDescriptorMustNotBeInsideAPacket(Bench bench) {
        bench.bringUp();
        put(bench, LEGACY & ~END_OF_PACKET | 60, 0);
        put(bench, LEGACY, 0);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "0 bytes");
        assertThat(bench.probe.frames).isEmpty();
    }

    @Breaks(Rule.TX_DESCRIPTOR_COUNT)
    void aPacketMustNotHaveMoreDescriptorsThanFitOnTheChip(Bench bench) {
        bench.bringUp();
        for (int i = 0; i < 38; i++) {
            put(bench, i < 37 ? MIDDLE | 2 : Bench.SEND | 2, i == 0 ? 76 << 14 : 0);
        }
        bench.ringTx();
        bench.step();
        assertThat(bench.nic.complaints()).isEmpty();
        assertThat(bench.probe.frames).hasSize(1);
        for (int i = 0; i < 39; i++) {
            put(bench, i < 38 ? MIDDLE | 2 : Bench.SEND | 2, i == 0 ? 78 << 14 : 0);
        }
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "more than 38 descriptors");
    }

    @Breaks(Rule.TX_DESCRIPTOR_COUNT)
    void aWriteBackThresholdLeavesFewerDescriptorsForAPacket(Bench bench) {
        enable(bench, 36 << Reg.TXDCTL_WTHRESH_SHIFT);
        for (int i = 0; i < 3; i++) {
            put(bench, i < 2 ? MIDDLE | 20 : Bench.SEND | 20, i == 0 ? 60 << 14 : 0);
        }
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "more than 2 descriptors");
    }

    @Breaks(Rule.TX_STATUS_INSIDE)
    void statusMustBeAskedForAtTheEndOfAPacket(Bench bench) {
        bench.bringUp();
        put(bench, MIDDLE | REPORT_STATUS | 30, 60 << 14);
        put(bench, Bench.SEND | 30, 0);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "RS", "without EOP");
    }

    @Breaks(Rule.TX_DESCRIPTOR_TYPE)
    void aDataDescriptorMustSayThatItIsOne(Bench bench) {
        send(bench, Bench.SEND & ~(3 << 20) | 1 << 20 | 60, 60 << 14);
        bench.assertComplaint("transmit ring 0", "DTYP 1");
        assertThat(bench.probe.frames).isEmpty();
    }

    @Breaks(Rule.TX_DESCRIPTOR_DONE)
    void aDescriptorMustNotBeDoneAlready(Bench bench) {
        send(bench, Bench.SEND | 60, 60 << 14 | 1);
        bench.assertComplaint("TDT(0)", "DD");
    }

    @Breaks(Rule.TX_TOO_SHORT)
    void aPacketMustHaveSeventeenBytes(Bench bench) {
        send(bench, Bench.SEND | 16, 16 << 14);
        bench.assertComplaint("16 bytes", "below 17");
    }

    @Breaks(Rule.TX_TOO_LONG)
    void aFrameMustNotBeLongerThanTheMacCanSend(Bench bench) {
        bench.bringUp();
        put(bench, MIDDLE | 8000, 16_000 << 14);
        put(bench, Bench.SEND | 8000, 0);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "16000 bytes");
        assertThat(bench.probe.frames).isEmpty();
    }

    @Breaks(Rule.TX_PAYLOAD)
    void thePayloadLengthMustBeThePackets(Bench bench) {
        send(bench, Bench.SEND | 60, 61 << 14);
        bench.assertComplaint("PAYLEN is 61 for 60 bytes");
    }

    @Breaks(Rule.TX_WRONG_FCS)
    void aCheckSequenceBySoftwareMustBeRight(Bench bench) {
        send(bench, Bench.SEND & ~INSERT_FCS | 64, 64 << 14);
        bench.assertComplaint("wrong FCS");
    }

    @Breaks(Rule.TX_BUFFER_ACCESS)
    void aBufferMustLieInMappedMemory(Bench bench) {
        bench.bringUp();
        bench.txDescriptor(0x1000, (60L << 14) << 32 | (Bench.SEND | 60) & 0xFFFF_FFFFL);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("transmit ring 0", "60 bytes at 0x1000");
        bench.send(Frames.broadcast(60));
        assertThat(bench.probe.frames).isEmpty(); // the queue has stopped
    }

    @Breaks(Rule.TX_BUFFER_OWNED)
    void aBufferMustNotBeSentWhileItMayBeReceivedInto(Bench bench) {
        bench.bringUp();
        long upper = (60L << 14) << 32 | (Bench.SEND | 60) & 0xFFFF_FFFFL;
        bench.txDescriptor(PacketMemory.ioAddress(bench.rxBuffer(7)), upper);
        bench.ringTx();
        bench.step();
        bench.assertComplaint("is sent while it is on a receive descriptor");
    }

    private static void enable(Bench bench, int control) {
        bench.resetAndConfigure();
        bench.prepareTxQueue(0);
        bench.registers.write32(Reg.txdctl(0), control);
        bench.enableTxQueue(0);
        bench.step();
    }

    private static void writeBackHeadTo(Bench bench, long io) {
        bench.registers.write32(Reg.tdwbal(0), (int) io | Reg.TDWBAL_ENABLE);
        bench.registers.write32(Reg.tdwbah(0), (int) (io >>> 32));
    }

    private static void send(Bench bench, int command, int options) {
        bench.bringUp();
        put(bench, command, options);
        bench.ringTx();
        bench.step();
    }

    private static void put(Bench bench, int command, int options) {
        long buffer = PacketMemory.ioAddress(bench.txBuffer(0));
        bench.txDescriptor(buffer, (long) options << 32 | command & 0xFFFF_FFFFL);
    }
}
