package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

/// One wrong step each with rings and the descriptors in them.
class RingRulesTest {
    @Test
    void aTailMustNotBeWrittenBeforeItsQueueIsEnabled() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.rdt(3), 7);
            bench.registers.write32(Reg.tdt(5), 7);
            bench.assertComplaint("RDT(3)", "not enabled", "4.6.7");
            bench.assertComplaint("TDT(5)", "not enabled", "4.6.8");
        }
    }

    @Test
    void aRingMustBeAligned() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.rdbal(0), 64);
            bench.registers.write32(Reg.tdbal(0), 64);
            bench.assertComplaint("RDBAL(0)", "8.2.3.8.1");
            bench.assertComplaint("TDBAL(0)", "8.2.3.9.5");
        }
    }

    @Test
    void aRingsLengthMustBeOneThatTheDeviceCanHandle() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.rdlen(0), 16 * 65_536);
            bench.registers.write32(Reg.tdlen(1), 100);
            bench.assertComplaint("RDLEN(0)", "1048576");
            bench.assertComplaint("TDLEN(1)", "100");
        }
    }

    @Test
    void aRingMustNotMoveWhileItsQueueIsEnabled() {
        try (Bench bench = Bench.up()) {
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
    }

    @Test
    void aRingMustLieInMappedMemory() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.configure();
            bench.registers.write32(Reg.rdlen(0), 1024);
            bench.enableRxQueue(0);
            bench.registers.write32(Reg.tdlen(0), 1024);
            bench.enableTxQueue(0);
            bench.assertComplaint("RDBAL(0)", "may not access");
            bench.assertComplaint("TDBAL(0)", "may not access");
        }
    }

    @Test
    void aQueueNeedsALengthAndABufferSize() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.configure();
            bench.prepareRxQueue(0, bench.rxRing);
            bench.registers.write32(Reg.srrctl(0), Reg.SRRCTL_DESCTYPE_ADVANCED);
            bench.enableRxQueue(0);
            bench.enableRxQueue(1);
            bench.assertComplaint("SRRCTL(0)", "BSIZEPACKET");
            bench.assertComplaint("RDLEN(1)", "is 0");
        }
    }

    @Test
    void bitTwelveOfDcaRxctrlMustBeClear() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.configure();
            bench.registers.set(Reg.dcaRxctrl(0), Reg.DCA_RXCTRL_BIT_12);
            bench.startRxQueue(0);
            bench.assertComplaint("DCA_RXCTRL(0)", "bit 12");
        }
    }

    @Test
    void theTransmitterMustBeOnBeforeItsQueues() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.startTxQueue(0);
            bench.assertComplaint("TXDCTL(0)", "DMATXCTL.TE");
        }
    }

    @Test
    void aTailMustLieInTheRing() {
        try (Bench bench = Bench.up()) {
            bench.registers.write32(Reg.rdt(0), Bench.RING);
            bench.registers.write32(Reg.tdt(0), -1);
            bench.step();
            bench.assertComplaint("RDT(0)", "64 descriptors");
            bench.assertComplaint("TDT(0)", "64 descriptors");
        }
    }

    @Test
    void aTailMustNotPassTheHead() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(60));
            bench.fillRxRing(1);
            bench.step();
            assertThat(bench.nic.complaints()).isEmpty();
            bench.fillRxRing(1); // now all would be the device's
            bench.step();
            bench.assertComplaint("RDT(0)", "owns already");
        }
    }

    @Test
    void aTailMustNotGoBack() {
        try (Bench bench = Bench.up()) {
            bench.registers.write32(Reg.rdt(0), 10);
            bench.step();
            bench.assertComplaint("RDT(0)", "from 63 to 10", "owns already");
        }
    }

    @Test
    void aDescriptorMustBeRefilledBeforeItIsHandedOver() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(60));
            bench.fillRxRing(1);
            bench.receive(Frames.broadcast(60));
            bench.registers.write32(Reg.rdt(0), 1); // descriptor 0 is still as it was written back
            bench.step();
            bench.assertComplaint("RDT(0)", "descriptor 0", "DD");
        }
    }

    @Test
    void aDescriptorNeedsABuffer() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(60));
            bench.rxDescriptor(63, 0, 0);
            bench.registers.write32(Reg.rdt(0), 0);
            bench.step();
            bench.assertComplaint("descriptor 63", "may not access", "0x0");
        }
    }

    @Test
    void aReceiveBufferMustLieInMappedMemoryAndElseTheQueueStops() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(60));
            bench.rxDescriptor(63, 1L << 40, 0);
            bench.registers.write32(Reg.rdt(0), 0);
            bench.step();
            bench.assertComplaint("2048 bytes at 0x10000000000");
            bench.receive(Frames.broadcast(60));
            assertThat(bench.registers.read32(Reg.rdh(0))).isEqualTo(1);
        }
    }

    @Test
    void aBufferMustNotBeOnTwoReceiveDescriptors() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(60));
            bench.rxDescriptor(63, PacketMemory.ioAddress(bench.rxBuffer(7)), 0);
            bench.registers.write32(Reg.rdt(0), 0);
            bench.step();
            bench.assertComplaint("two receive descriptors");
        }
    }

    @Test
    void aBufferMustNotBeSentWhileItMayBeReceivedInto() {
        try (Bench bench = Bench.up()) {
            long upper = (60L << 14) << 32 | (Bench.SEND | 60) & 0xFFFF_FFFFL;
            bench.txDescriptor(PacketMemory.ioAddress(bench.rxBuffer(7)), upper);
            bench.ringTx();
            bench.step();
            bench.assertComplaint("is sent while it is on a receive descriptor");
        }
    }

    @Test
    void aDescriptorMustNotChangeWhileTheDeviceOwnsIt() {
        try (Bench bench = Bench.up()) {
            bench.rxDescriptor(0, PacketMemory.ioAddress(bench.txBuffer(0)), 0);
            bench.receive(Frames.broadcast(60));
            bench.assertComplaint("receive ring 0", "was changed while the device owned it");
        }
    }

    @Test
    void memoryMustNotGoWhileItIsOnARing() {
        try (Bench bench = Bench.up()) {
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
            bench.assertComplaint("was unmapped while on receive ring 0");
            bench.assertComplaint("was unmapped while on transmit ring 0");
            bench.nic.insertModule(true);
            bench.step();
            bench.receive(Frames.broadcast(60)); // goes nowhere, and nothing crashes
        }
    }
}
