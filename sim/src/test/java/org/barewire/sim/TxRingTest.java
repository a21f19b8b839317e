package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class TxRingTest {
    private static final int REPORT_STATUS = 1 << 27;
    private static final int END_OF_PACKET = 1 << 24;
    private static final int LEGACY = END_OF_PACKET | 1 << 25 | REPORT_STATUS;

    @Test
    void onlyDescriptorsThatAskForStatusGetIt() {
        try (Bench bench = Bench.up()) {
            long buffer = PacketMemory.ioAddress(bench.txBuffer(0));
            long silent = (60L << 14) << 32 | (Bench.SEND & ~REPORT_STATUS | 60);
            bench.txDescriptor(buffer, silent);
            bench.send(Frames.broadcast(60));
            assertThat(bench.txUpper(0)).isEqualTo(silent);
            assertThat(bench.txUpper(1) >>> 32 & 1).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.tdh(0))).isEqualTo(2);
        }
    }

    @Test
    void statusWaitsForTheThreshold() {
        try (Bench bench = upWith(3 << Reg.TXDCTL_WTHRESH_SHIFT)) {
            bench.send(Frames.broadcast(60));
            bench.send(Frames.broadcast(60));
            assertThat(bench.txUpper(0) >>> 32 & 1).isZero();
            bench.send(Frames.broadcast(60));
            for (int i = 0; i < 3; i++) {
                assertThat(bench.txUpper(i) >>> 32 & 1).isEqualTo(1);
            }
            bench.send(Frames.broadcast(60));
            assertThat(bench.txUpper(3) >>> 32 & 1).isZero();
            bench.registers.set(Reg.txdctl(0), Reg.TXDCTL_SWFLSH);
            assertThat(bench.txUpper(3) >>> 32 & 1).isEqualTo(1);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void withAThresholdEveryPacketIsReportedAskedForOrNot() {
        try (Bench bench = upWith(2 << Reg.TXDCTL_WTHRESH_SHIFT)) {
            for (int i = 0; i < 2; i++) {
                bench.txCommand(bench.queueFrame(Frames.broadcast(60), 0, 0), ~REPORT_STATUS);
            }
            bench.ringTx();
            bench.step();
            assertThat(bench.txUpper(0) >>> 32 & 1).isEqualTo(1);
            assertThat(bench.txUpper(1) >>> 32 & 1).isEqualTo(1);
        }
    }

    @Test
    void theThrottlingIntervalEndsTheWaitForTheThreshold() {
        try (Bench bench = upWith(8 << Reg.TXDCTL_WTHRESH_SHIFT)) {
            bench.registers.write32(Reg.ivar(0), Reg.IVAR_VALID << 8);
            bench.registers.write32(Reg.eitr(0), 0x28); // 10 µs
            bench.send(Frames.broadcast(60));
            assertThat(bench.txUpper(0) >>> 32 & 1).isZero();
            for (int i = 0; i < 4; i++) {
                bench.step();
            }
            assertThat(bench.txUpper(0) >>> 32 & 1).isEqualTo(1);
        }
    }

    @Test
    void headWriteBackTellsTheHeadAndWritesNoDescriptor() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.configure();
            long head = bench.memory.allocateRing(64);
            long io = PacketMemory.ioAddress(head);
            bench.prepareTxQueue(0);
            bench.registers.write32(Reg.tdwbal(0), (int) io | Reg.TDWBAL_ENABLE);
            bench.registers.write32(Reg.tdwbah(0), (int) (io >>> 32));
            bench.enableTxQueue(0);
            bench.step();
            bench.send(Frames.broadcast(60));
            bench.send(Frames.broadcast(60));
            assertThat(Memory.getInt(head)).isEqualTo(2);
            assertThat(bench.txUpper(0) >>> 32 & 1).isZero();
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aPacketMayLieInSeveralBuffers() {
        try (Bench bench = Bench.up()) {
            byte[] frame = Frames.broadcast(1000);
            int[] cuts = {0, 14, 500, 501, 1000};
            for (int i = 0; i < 4; i++) {
                int length = cuts[i + 1] - cuts[i];
                long buffer = bench.txBuffer(bench.txTail);
                Memory.copy(frame, cuts[i], buffer, length);
                int command = (i < 3 ? Bench.SEND & ~(END_OF_PACKET | REPORT_STATUS) : Bench.SEND) | length;
                bench.txDescriptor(PacketMemory.ioAddress(buffer), (i == 0 ? 1000L << 14 : 0) << 32 | command);
            }
            bench.ringTx();
            bench.step();
            assertThat(bench.probe.frames).containsExactly(frame);
            assertThat(bench.txUpper(3) >>> 32 & 1).isEqualTo(1);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void shortFramesArePadded() {
        try (Bench bench = Bench.up()) {
            bench.send(Frames.broadcast(20));
            assertThat(bench.probe.frames.getFirst())
                    .hasSize(60)
                    .startsWith(Frames.broadcast(20))
                    .endsWith(new byte[40]);
            bench.registers.clear(Reg.HLREG0, Reg.HLREG0_TXPADEN);
            bench.send(Frames.broadcast(20));
            assertThat(bench.probe.frames.getLast()).hasSize(20);
        }
    }

    @Test
    void legacyDescriptorsSendToo() {
        try (Bench bench = Bench.up()) {
            byte[] frame = Frames.broadcast(80);
            long buffer = bench.txBuffer(0);
            Memory.copy(frame, 0, buffer, 80);
            bench.txDescriptor(PacketMemory.ioAddress(buffer), LEGACY | 80);
            bench.txDescriptor(PacketMemory.ioAddress(buffer), LEGACY); // of no length: nothing is sent
            bench.txDescriptor(PacketMemory.ioAddress(buffer), 7L << 48 | LEGACY | 1 << 30 | 80);
            bench.ringTx();
            bench.step();
            assertThat(bench.probe.frames).containsExactly(frame, Frames.tagged(frame, 7));
            for (int i = 0; i < 3; i++) {
                assertThat(bench.txUpper(i) >>> 32 & 1).isEqualTo(1);
            }
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aQueueThatIsDisabledSendsWhatIsInItFirst() {
        try (Bench bench = Bench.up()) {
            for (int i = 0; i < 5; i++) {
                bench.queueFrame(Frames.broadcast(60 + i), 0, 0);
            }
            bench.ringTx();
            bench.registers.clear(Reg.txdctl(0), Reg.TXDCTL_ENABLE);
            assertThat(bench.registers.read32(Reg.txdctl(0)) & Reg.TXDCTL_ENABLE)
                    .isNotZero();
            bench.step();
            assertThat(bench.registers.read32(Reg.txdctl(0)) & Reg.TXDCTL_ENABLE)
                    .isZero();
            assertThat(bench.probe.frames).hasSize(5);
        }
    }

    @Test
    void loopbackReturnsWhatIsSent() {
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.HLREG0, Reg.HLREG0_LPBK);
            byte[] frame = Frames.broadcast(70);
            bench.send(frame);
            assertThat(bench.probe.frames).isEmpty();
            assertThat(bench.received(0)).isEqualTo(frame);
        }
    }

    private static Bench upWith(int control) {
        Bench bench = new Bench();
        bench.reset();
        bench.configure();
        bench.prepareTxQueue(0);
        bench.registers.write32(Reg.txdctl(0), control);
        bench.enableTxQueue(0);
        bench.step();
        return bench;
    }
}
