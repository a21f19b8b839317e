package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;
import org.barewire.drivers.ixgbe.Reg;

/// One wrong step each with rings, and with the descriptors of receive rings.
class RingRulesTest {
    private static final int RESERVED_TYPE = 7 << 25;

    @Breaks(Rule.TAIL_BEFORE_ENABLE)
    void aTailMustNotBeWrittenBeforeItsQueueIsEnabled(Bench bench) {
        bench.registers.write32(Reg.rdt(3), 7);
        bench.registers.write32(Reg.tdt(5), 7);
        bench.assertComplaint("RDT(3)", "not enabled", "4.6.7");
        bench.assertComplaint("TDT(5)", "not enabled", "4.6.8");
    }

    @Breaks(Rule.RING_ALIGNMENT)
    void aRingMustBeAligned(Bench bench) {
        bench.registers.write32(Reg.rdbal(0), 64);
        bench.registers.write32(Reg.tdbal(0), 64);
        bench.assertComplaint("RDBAL(0)", "8.2.3.8.1");
        bench.assertComplaint("TDBAL(0)", "8.2.3.9.5");
    }

    @Breaks(Rule.RING_LENGTH)
    void aRingsLengthMustBeOneThatTheDeviceCanHandle(Bench bench) {
        bench.registers.write32(Reg.rdlen(0), 16 * 65_536);
        bench.registers.write32(Reg.tdlen(1), 100);
        bench.assertComplaint("RDLEN(0)", "1048576");
        bench.assertComplaint("TDLEN(1)", "100");
    }

    @Breaks(Rule.CHANGED_WHILE_ENABLED)
    void aRingMustNotMoveWhileItsQueueIsEnabled(Bench bench) {
        bench.bringUp();
        bench.registers.write32(Reg.rdbal(0), bench.registers.read32(Reg.rdbal(0)));
        assertThat(bench.nic.complaints()).isEmpty(); // it did not change
        bench.registers.write32(Reg.rdbah(0), 9);
        bench.registers.write32(Reg.tdlen(0), 128);
        bench.registers.write32(Reg.srrctl(0), 1);
        bench.registers.write32(Reg.rdh(0), 5);
        bench.assertComplaint("RDBAH(0)", "was changed");
        bench.assertComplaint("TDLEN(0)", "was changed");
        bench.assertComplaint("SRRCTL(0)", "was changed");
        bench.assertComplaint("RDH(0)", "was changed");
    }

    @Breaks(Rule.RING_ACCESS)
    void aRingMustLieInMappedMemory(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.write32(Reg.srrctl(0), Reg.SRRCTL_DESCTYPE_ADVANCED | 2);
        bench.registers.write32(Reg.rdlen(0), 1024);
        bench.enableRxQueue(0);
        bench.registers.write32(Reg.tdlen(0), 1024);
        bench.enableTxQueue(0);
        bench.assertComplaint("RDBAL(0)", "may not access");
        bench.assertComplaint("TDBAL(0)", "may not access");
    }

    @Breaks(Rule.RING_EMPTY)
    void aQueueNeedsALength(Bench bench) {
        bench.resetAndConfigure();
        bench.enableRxQueue(1);
        bench.enableTxQueue(1);
        bench.assertComplaint("RDLEN(1)", "is 0");
        bench.assertComplaint("TDLEN(1)", "is 0");
    }

    @Breaks(Rule.RING_UNMAPPED)
    void aRingsMemoryMustStayWhileItsQueueIsEnabled(Bench bench) {
        bench.bringUp();
        bench.nic.unmap(bench.regionOf(bench.rxRing));
        bench.assertComplaint("RDBAL(0)", "was unmapped");
        bench.assertComplaint("TDBAL(0)", "was unmapped"); // both rings are in one region
        bench.receive(Frames.broadcast(60)); // goes nowhere, and nothing crashes
    }

    @Breaks(Rule.TAIL_BEYOND_RING)
    void aTailMustLieInTheRing(Bench bench) {
        bench.bringUp();
        bench.registers.write32(Reg.rdt(0), Bench.RING);
        bench.registers.write32(Reg.tdt(0), -1);
        bench.step();
        bench.assertComplaint("RDT(0)", "64 descriptors");
        bench.assertComplaint("TDT(0)", "64 descriptors");
    }

    @Breaks(Rule.TAIL_PAST_HEAD)
    void aTailMustNotPassTheHead(Bench bench) {
        bench.bringUp();
        bench.receive(Frames.broadcast(60));
        bench.fillRxRing(1);
        bench.step();
        assertThat(bench.nic.complaints()).isEmpty();
        bench.fillRxRing(1); // now all would be the device's
        bench.step();
        bench.assertComplaint("RDT(0)", "owns already");
    }

    @Breaks(Rule.TAIL_PAST_HEAD)
    void aTailMustNotGoBack(Bench bench) {
        bench.bringUp();
        bench.registers.write32(Reg.rdt(0), 10);
        bench.step();
        bench.assertComplaint("RDT(0)", "from 63 to 10", "owns already");
    }

    @Breaks(Rule.RX_BUFFER_SIZE)
    void aQueueNeedsABufferSize(Bench bench) {
        bench.resetAndConfigure();
        bench.prepareRxQueue(0, bench.rxRing);
        bench.registers.write32(Reg.srrctl(0), Reg.SRRCTL_DESCTYPE_ADVANCED);
        bench.enableRxQueue(0);
        bench.assertComplaint("SRRCTL(0)", "BSIZEPACKET is 0");
        bench.prepareRxQueue(1, bench.rxRing);
        bench.registers.write32(Reg.srrctl(1), Reg.SRRCTL_DESCTYPE_ADVANCED | 17);
        bench.enableRxQueue(1);
        bench.assertComplaint("SRRCTL(1)", "BSIZEPACKET is 17");
    }

    @Breaks(Rule.RX_DESCRIPTOR_TYPE)
    void aDescriptorTypeMustBeOneThatIsModelled(Bench bench) {
        bench.resetAndConfigure();
        bench.prepareRxQueue(0, bench.rxRing);
        bench.registers.write32(Reg.srrctl(0), RESERVED_TYPE | 2);
        bench.enableRxQueue(0);
        bench.assertComplaint("SRRCTL(0)", "DESCTYPE 7");
    }

    @Breaks(Rule.RX_BIT_12)
    void bitTwelveOfDcaRxctrlMustBeClear(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.set(Reg.dcaRxctrl(0), Reg.DCA_RXCTRL_BIT_12);
        bench.startRxQueue(0);
        bench.assertComplaint("DCA_RXCTRL(0)", "bit 12");
    }

    @Breaks(Rule.RX_DESCRIPTOR_DONE)
    void aDescriptorMustBeRefilledBeforeItIsHandedOver(Bench bench) {
        bench.bringUp();
        bench.receive(Frames.broadcast(60));
        bench.fillRxRing(1);
        bench.receive(Frames.broadcast(60));
        long status = bench.rxUpper(0);
        bench.rxDescriptor(0, PacketMemory.ioAddress(bench.rxBuffer(0)), status); // the address alone is new
        bench.registers.write32(Reg.rdt(0), 1);
        bench.step();
        bench.assertComplaint("RDT(0)", "descriptor", "DD");
    }

    @Breaks(Rule.RX_BUFFER_ACCESS)
    void aDescriptorNeedsABuffer(Bench bench) {
        bench.bringUp();
        bench.receive(Frames.broadcast(60));
        bench.rxDescriptor(63, 0, 0);
        bench.registers.write32(Reg.rdt(0), 0);
        bench.step();
        bench.assertComplaint("descriptor 63", "may not access", "0x0");
    }

    @Breaks(Rule.RX_BUFFER_ACCESS)
    void aReceiveBufferMustLieInMappedMemoryAndElseTheQueueStops(Bench bench) {
        bench.bringUp();
        bench.receive(Frames.broadcast(60));
        bench.rxDescriptor(63, 1L << 40, 0);
        bench.registers.write32(Reg.rdt(0), 0);
        bench.step();
        bench.assertComplaint("2048 bytes at 0x10000000000");
        bench.receive(Frames.broadcast(60));
        assertThat(bench.registers.read32(Reg.rdh(0))).isEqualTo(1);
    }

    @Breaks(Rule.RX_BUFFER_TWICE)
    void aBufferMustNotBeOnTwoReceiveDescriptors(Bench bench) {
        bench.bringUp();
        bench.receive(Frames.broadcast(60));
        bench.rxDescriptor(63, PacketMemory.ioAddress(bench.rxBuffer(7)), 0);
        bench.registers.write32(Reg.rdt(0), 0);
        bench.step();
        bench.assertComplaint("two receive descriptors");
    }

    @Breaks(Rule.RX_DESCRIPTOR_CHANGED)
    void aDescriptorMustNotChangeWhileTheDeviceOwnsIt(Bench bench) {
        bench.bringUp();
        bench.rxDescriptor(0, PacketMemory.ioAddress(bench.txBuffer(0)), 0);
        bench.receive(Frames.broadcast(60));
        bench.assertComplaint("receive ring 0", "was changed while the device owned it");
    }

    @Breaks(Rule.RX_RING_TOO_SMALL)
    void aRingThatDoesNotDropMustHoldTheLongestFrame(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.set(Reg.HLREG0, Reg.HLREG0_JUMBOEN);
        bench.registers.write32(Reg.MAXFRS, 9500 << Reg.MAXFRS_MFS_SHIFT);
        bench.startReceiver();
        bench.prepareRxQueue(0, bench.rxRing);
        bench.registers.write32(Reg.srrctl(0), Reg.SRRCTL_DESCTYPE_ADVANCED | 1);
        bench.registers.write32(Reg.rdlen(0), 128); // 8 descriptors of 1 KiB, of which 7 can be the device's
        bench.enableRxQueue(0);
        bench.step();
        bench.receive(Frames.broadcast(7 * 1024 + 1));
        bench.assertComplaint("receive ring 0", "7169 bytes", "does not fit");
    }

    @Breaks({Rule.RX_BUFFER_UNMAPPED, Rule.TX_BUFFER_UNMAPPED})
    void memoryMustNotGoWhileItIsOnARing(Bench bench) {
        bench.bringUp();
        Region region = bench.memory.add(1);
        bench.receive(Frames.broadcast(60));
        bench.rxDescriptor(63, PacketMemory.ioAddress(region.address()), 0);
        bench.registers.write32(Reg.rdt(0), 0);
        bench.nic.insertModule(false); // nothing is sent
        bench.step();
        bench.txDescriptor(PacketMemory.ioAddress(region.address()) + 2048, Bench.SEND | 60);
        bench.ringTx();
        assertThat(bench.nic.complaints()).isEmpty();
        bench.memory.remove(region);
        bench.assertComplaint("receive ring 0", "was unmapped");
        bench.assertComplaint("transmit ring 0", "was unmapped");
        bench.nic.insertModule(true);
        bench.step();
        bench.receive(Frames.broadcast(60)); // goes nowhere, and nothing crashes
    }
}
