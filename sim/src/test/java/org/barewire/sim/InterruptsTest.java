package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class InterruptsTest {
    private final List<Integer> vectors = new ArrayList<>();

    @Test
    void aReceivedFrameInterruptsOnTheVectorOfItsQueue() {
        try (Bench bench = up(0x8A85)) { // receive: vector 5, transmit: vector 10
            bench.registers.write32(Reg.EIMS, 1 << 5);
            bench.receive(Frames.broadcast(60));
            assertThat(vectors).containsExactly(5);
            bench.registers.write32(Reg.EIMS, 1 << 10);
            bench.send(Frames.broadcast(60));
            assertThat(vectors).containsExactly(5, 10);
        }
    }

    @Test
    void aMaskedCauseWaitsAndInterruptsWhenItIsUnmasked() {
        try (Bench bench = up(0x80)) {
            bench.receive(Frames.broadcast(60));
            assertThat(vectors).isEmpty();
            bench.registers.write32(Reg.EIMS, 1);
            bench.step();
            assertThat(vectors).containsExactly(0);
            assertThat(bench.registers.read32(Reg.EIMS)).isEqualTo(1);
            bench.registers.write32(Reg.EIMC, 1);
            assertThat(bench.registers.read32(Reg.EIMS)).isZero();
        }
    }

    @Test
    void aCauseIsClearedByReadingItOrByItself() {
        try (Bench bench = up(0x80)) {
            bench.registers.write32(Reg.EIMS, 1);
            bench.receive(Frames.broadcast(60));
            bench.receive(Frames.broadcast(60));
            assertThat(vectors).containsExactly(0); // the cause is still set
            assertThat(bench.registers.read32(Reg.EICR) & 1).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.EICR) & 1).isZero();
            bench.registers.write32(Reg.EIAC, 1);
            bench.receive(Frames.broadcast(60));
            bench.receive(Frames.broadcast(60));
            assertThat(vectors).containsExactly(0, 0, 0);
            assertThat(bench.registers.read32(Reg.EICR) & 1).isZero();
        }
    }

    @Test
    void throttlingHoldsInterruptsBack() {
        try (Bench bench = up(0x80)) {
            bench.registers.write32(Reg.EIMS, 1);
            bench.registers.write32(Reg.EIAC, 1);
            bench.registers.write32(Reg.eitr(0), 0x28); // 10 µs; a step of the bench takes 3
            for (int i = 0; i < 12; i++) {
                bench.receive(Frames.broadcast(60));
            }
            assertThat(vectors).hasSize(4);
        }
    }

    @Test
    void anInterruptMasksItselfIfAskedTo() {
        try (Bench bench = up(0x80)) {
            bench.registers.set(Reg.GPIE, Reg.GPIE_EIAME);
            bench.registers.write32(Reg.EIAM, 1);
            bench.registers.write32(Reg.EIAC, 1);
            bench.registers.write32(Reg.EIMS, 1);
            bench.receive(Frames.broadcast(60));
            bench.receive(Frames.broadcast(60));
            assertThat(vectors).containsExactly(0);
            assertThat(bench.registers.read32(Reg.EIMS)).isZero();
        }
    }

    @Test
    void theLinkInterruptsOnTheVectorOfTheOtherCauses() {
        try (Bench bench = up(0x80)) {
            bench.registers.write32(Reg.IVAR_MISC, 0x81 << 8);
            bench.registers.write32(Reg.EIMS, Reg.EICR_LSC);
            bench.nic.insertModule(false);
            bench.step();
            assertThat(vectors).containsExactly(1);
            assertThat(bench.registers.read32(Reg.EICR)).isEqualTo(Reg.EICR_LSC);
        }
    }

    @Test
    void vectorsFromSixteenOnHaveExtendedMasks() {
        try (Bench bench = up(0x80 | 40)) {
            bench.receive(Frames.broadcast(60));
            assertThat(vectors).isEmpty();
            bench.registers.write32(Reg.eims(2), 1 << 8);
            bench.step();
            assertThat(vectors).containsExactly(40);
            assertThat(bench.registers.read32(Reg.eims(2))).isEqualTo(1 << 8);
        }
    }

    @Test
    void softwareCanCauseAnInterrupt() {
        try (Bench bench = up(0)) {
            bench.registers.write32(Reg.EIMS, 1 << 3);
            bench.registers.write32(Reg.EICS, 1 << 3);
            bench.step();
            assertThat(vectors).containsExactly(3);
        }
    }

    @Test
    void withoutMsixAllCausesShareOneVector() {
        try (Bench bench = up(0x80 | 2)) {
            bench.registers.write32(Reg.GPIE, 0);
            bench.registers.write32(Reg.EIMS, 1 << 2 | Reg.EICR_LSC);
            bench.receive(Frames.broadcast(60));
            assertThat(vectors).containsExactly(0);
            assertThat(bench.registers.read32(Reg.EICR)).isEqualTo(1 << 2);
            bench.step();
            bench.nic.insertModule(false);
            bench.step();
            assertThat(vectors).containsExactly(0, 0);
        }
    }

    private Bench up(int ivar) {
        Bench bench = Bench.up();
        bench.nic.onInterrupt(vectors::add);
        bench.registers.read32(Reg.EICR); // the link has come up
        bench.registers.write32(Reg.GPIE, Reg.GPIE_MSIX_MODE);
        bench.registers.write32(Reg.ivar(0), ivar);
        return bench;
    }
}
