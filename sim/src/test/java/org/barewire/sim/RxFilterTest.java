package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class RxFilterTest {
    private static final String OWN = "020000000001";
    private static final String OTHER = "020000000002";
    private static final String MULTICAST = "01005e0000fb";

    @Test
    void ownAndBroadcastAddressesPassOthersDoNot() {
        try (Bench bench = Bench.up()) {
            assertThat(passes(bench, OWN)).isTrue();
            assertThat(passes(bench, "ffffffffffff")).isTrue();
            assertThat(passes(bench, OTHER)).isFalse();
            assertThat(passes(bench, MULTICAST)).isFalse();
        }
    }

    @Test
    void broadcastsNeedBam() {
        try (Bench bench = upWith(Reg.FCTRL, 0)) {
            assertThat(passes(bench, "ffffffffffff")).isFalse();
        }
    }

    @Test
    void anyEntryOfTheAddressTableMatchesOnceItIsValid() {
        try (Bench bench = Bench.up()) {
            bench.registers.write32(Reg.ral(127), 0x0000_0002);
            bench.registers.write32(Reg.rah(127), 0x0200);
            assertThat(passes(bench, OTHER)).isFalse();
            bench.registers.write32(Reg.rah(127), Reg.RAH_AV | 0x0200);
            assertThat(passes(bench, OTHER)).isTrue();
            bench.registers.write32(Reg.rah(127), 0);
            assertThat(passes(bench, OTHER)).isFalse();
        }
    }

    @Test
    void promiscuousModesAcceptEverythingOfTheirKind() {
        try (Bench bench = upWith(Reg.FCTRL, Reg.FCTRL_UPE)) {
            assertThat(passes(bench, OTHER)).isTrue();
            assertThat(passes(bench, MULTICAST)).isFalse();
        }
        try (Bench bench = upWith(Reg.FCTRL, Reg.FCTRL_MPE)) {
            assertThat(passes(bench, OTHER)).isFalse();
            assertThat(passes(bench, MULTICAST)).isTrue();
        }
    }

    /// The bit positions are those that the Linux driver computes: bytes 4 and 5 of the address, shifted.
    @Test
    void theMulticastTableIsIndexedAsChosen() {
        int low = 0x00;
        int high = 0xFB;
        int[] vectors = {low >> 4 | high << 4, low >> 3 | high << 5, low >> 2 | high << 6, low | high << 8};
        for (int offset = 0; offset < 4; offset++) {
            try (Bench bench = Bench.up()) {
                int vector = vectors[offset] & 0xFFF;
                bench.registers.write32(Reg.mta(vector >> 5), 1 << vector);
                assertThat(passes(bench, MULTICAST)).isFalse();
                bench.registers.write32(Reg.MCSTCTRL, Reg.MCSTCTRL_MFE | offset);
                assertThat(passes(bench, MULTICAST)).as("MO %d", offset).isTrue();
                assertThat(passes(bench, "01005e000001")).as("MO %d", offset).isFalse();
            }
        }
    }

    @Test
    void onlyEnabledVlansPassTheVlanFilter() {
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.VLNCTRL, Reg.VLNCTRL_VFE);
            bench.registers.write32(Reg.vfta(100 >> 5), 1 << 100 % 32);
            assertThat(passes(bench, Frames.tagged(Frames.to(OWN, 64), 100))).isTrue();
            assertThat(passes(bench, Frames.tagged(Frames.to(OWN, 64), 101))).isFalse();
            assertThat(passes(bench, Frames.to(OWN, 64))).isTrue();
        }
    }

    @Test
    void anInexactMatchIsMarked() {
        try (Bench bench = upWith(Reg.FCTRL, Reg.FCTRL_UPE)) {
            passes(bench, OTHER);
            passes(bench, OWN);
            assertThat(bench.rxUpper(0) & FrameInfo.INEXACT_FILTER).isNotZero();
            assertThat(bench.rxUpper(1) & FrameInfo.INEXACT_FILTER).isZero();
        }
    }

    private static Bench upWith(int register, int value) {
        Bench bench = Bench.up();
        bench.registers.clear(Reg.RXCTRL, Reg.RXCTRL_RXEN);
        bench.registers.write32(register, value);
        bench.startReceiver();
        return bench;
    }

    private static boolean passes(Bench bench, String destination) {
        return passes(bench, Frames.to(destination, 64));
    }

    private static boolean passes(Bench bench, byte[] frame) {
        int before = bench.registers.read32(Reg.rdh(0));
        bench.receive(frame);
        assertThat(bench.nic.complaints()).isEmpty();
        return bench.registers.read32(Reg.rdh(0)) != before;
    }
}
