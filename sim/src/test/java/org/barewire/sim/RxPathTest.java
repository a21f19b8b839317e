package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.zip.CRC32;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class RxPathTest {
    @Test
    void framesWaitInThePacketBufferForDescriptors() {
        try (Bench bench = Bench.up()) {
            for (int i = 0; i < 100; i++) {
                bench.receive(Frames.broadcast(60 + i));
            }
            for (int i = 0; i < 100; i++) {
                int slot = i % Bench.RING;
                assertThat(bench.received(slot)).isEqualTo(Frames.broadcast(60 + i));
                bench.fillRxRing(1);
                bench.step();
            }
            assertThat(bench.registers.read32(Reg.mpc(0))).isZero();
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aFullPacketBufferLosesFramesAndCountsThem() {
        try (Bench bench = Bench.up()) {
            bench.registers.write32(Reg.rxpbsize(0), 2 << 10);
            for (int i = 0; i < 63 + 5; i++) {
                bench.receive(Frames.broadcast(1000)); // two of them fit
            }
            assertThat(bench.registers.read32(Reg.mpc(0))).isEqualTo(3);
            assertThat(bench.registers.read32(Reg.mpc(0))).isZero(); // cleared by reading
            assertThat(bench.registers.read32(Reg.EICR) & Reg.EICR_RX_MISS).isNotZero();
        }
    }

    @Test
    void aQueueThatDropsDoesNotUseThePacketBuffer() {
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.srrctl(0), Reg.SRRCTL_DROP_EN);
            for (int i = 0; i < 63 + 5; i++) {
                bench.receive(Frames.broadcast(60));
            }
            assertThat(bench.registers.read32(Reg.qprdc(0))).isEqualTo(5);
            bench.fillRxRing(10);
            bench.step();
            assertThat(bench.registers.read32(Reg.rdh(0))).isEqualTo(63);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aJumboFrameTakesSeveralDescriptors() {
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.HLREG0, Reg.HLREG0_JUMBOEN);
            bench.registers.write32(Reg.MAXFRS, 9018 << 16);
            byte[] frame = Frames.broadcast(9014);
            bench.receive(frame);
            for (int i = 0; i < 5; i++) {
                int length = i < 4 ? 2048 : 9014 - 4 * 2048;
                assertThat(bench.rxUpper(i) & 3).isEqualTo(i < 4 ? 1 : 3);
                assertThat(bench.rxUpper(i) >>> 32 & 0xFFFF).isEqualTo(length);
                byte[] part = new byte[length];
                System.arraycopy(frame, i * 2048, part, 0, length);
                assertThat(bench.received(i)).isEqualTo(part);
            }
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void framesOutsideTheLengthsAllowedAreCountedAndDropped() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(1514));
            bench.receive(Frames.tagged(Frames.broadcast(1514), 1));
            bench.receive(Frames.broadcast(1515));
            bench.receive(Frames.broadcast(59));
            assertThat(bench.registers.read32(Reg.ROC)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.RUC)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.GPRC)).isEqualTo(2);
            assertThat(bench.registers.read32(Reg.TPR)).isEqualTo(4);
        }
    }

    @Test
    void aLengthFieldThatPromisesTooMuchIsAnError() {
        try (Bench bench = Bench.up()) {
            byte[] frame = Frames.broadcast(100);
            Frames.put16(frame, 12, 86);
            bench.receive(frame);
            Frames.put16(frame, 12, 87);
            bench.receive(frame);
            assertThat(bench.registers.read32(Reg.RLEC)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.GPRC)).isEqualTo(1);
        }
    }

    @Test
    void faultyFramesForOthersAreNotCountedButForTheirCheckSequence() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.to("020000000002", 40));
            bench.receive(Frames.to("020000000002", 2000));
            arrive(bench, Frames.to("020000000002", 60), true);
            assertThat(bench.registers.read32(Reg.RUC)).isZero();
            assertThat(bench.registers.read32(Reg.ROC)).isZero();
            assertThat(bench.registers.read32(Reg.CRCERRS)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.RXNFGPC)).isZero();
        }
    }

    @Test
    void damagedFramesAreCountedAndDroppedUnlessWanted() {
        try (Bench bench = Bench.up()) {
            arrive(bench, Frames.broadcast(60), true);
            assertThat(bench.registers.read32(Reg.CRCERRS)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.rdh(0))).isZero();
            bench.registers.clear(Reg.RXCTRL, Reg.RXCTRL_RXEN);
            bench.registers.set(Reg.FCTRL, Reg.FCTRL_SBP);
            bench.startReceiver();
            arrive(bench, Frames.broadcast(60), true);
            assertThat((int) bench.rxUpper(0) & FrameInfo.MAC_ERROR).isNotZero();
        }
    }

    @Test
    void theCheckSequenceIsKeptIfItIsNotStripped() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.configure();
            bench.registers.clear(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP);
            bench.registers.clear(Reg.RDRXCTL, Reg.RDRXCTL_CRCSTRIP);
            bench.startReceiver();
            bench.startRxQueue(0);
            bench.fillRxRing(8);
            bench.step();
            byte[] frame = Frames.broadcast(100);
            bench.receive(frame);
            CRC32 crc = new CRC32();
            crc.update(frame);
            assertThat(bench.rxUpper(0) >>> 32 & 0xFFFF).isEqualTo(104);
            assertThat(Memory.getInt(bench.rxBuffer(0) + 100)).isEqualTo((int) crc.getValue());
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void legacyDescriptorsKeepTheirAddress() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.configure();
            bench.startReceiver();
            bench.prepareRxQueue(0, bench.rxRing);
            bench.registers.write32(Reg.srrctl(0), 2);
            bench.enableRxQueue(0);
            bench.fillRxRing(8);
            bench.step();
            byte[] frame = Frames.tcp4(30);
            bench.receive(frame);
            assertThat(bench.rxLower(0)).isEqualTo(PacketMemory.ioAddress(bench.rxBuffer(0)));
            assertThat(bench.rxUpper(0) & 0xFFFF).isEqualTo(frame.length);
            assertThat(bench.rxUpper(0) >>> 32 & 0xFF).isEqualTo(0x63); // DD, EOP, both checksums seen
            assertThat(bench.rxUpper(0) >>> 40 & 0xFF).isZero();
            bench.rxDescriptor(8, PacketMemory.ioAddress(bench.rxBuffer(8)), 1L << 32);
            bench.registers.write32(Reg.rdt(0), 9);
            bench.step();
            bench.assertComplaint("DD");
        }
    }

    @Test
    void aFrameForADisabledQueueIsDropped() {
        try (Bench bench = Bench.up()) {
            bench.registers.clear(Reg.rxdctl(0), Reg.RXDCTL_ENABLE);
            assertThat(bench.registers.read32(Reg.rxdctl(0)) & Reg.RXDCTL_ENABLE)
                    .isZero();
            bench.receive(Frames.broadcast(60));
            assertThat(bench.registers.read32(Reg.qprdc(0))).isEqualTo(1);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    private static void arrive(Bench bench, byte[] frame, boolean damaged) {
        Memory.copy(frame, 0, bench.txBuffer(0), frame.length);
        bench.nic.frameArrived(bench.txBuffer(0), frame.length, damaged);
    }
}
