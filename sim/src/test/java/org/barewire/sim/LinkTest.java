package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class LinkTest {
    @Test
    void isUpAtTenGigabitOnceBothEndsArePluggedIn() {
        try (Bench bench = Bench.up()) {
            int links = bench.registers.read32(Reg.LINKS);
            assertThat(links & Reg.LINKS_UP).isNotZero();
            assertThat(links & Reg.LINKS_SPEED).isEqualTo(Reg.LINKS_SPEED_10G);
        }
    }

    @Test
    void goesDownAndUpAfterARestartOfAutonegotiation() {
        try (Bench bench = Bench.up()) {
            bench.nic.linkDelay(5_000);
            bench.registers.set(Reg.AUTOC, Reg.AUTOC_RESTART_AN);
            assertThat(bench.registers.read32(Reg.AUTOC) & Reg.AUTOC_RESTART_AN).isZero();
            bench.step();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isZero();
            assertThat(bench.registers.read32(Reg.ANLP1) & Reg.ANLP1_AN_STATE).isNotZero();
            bench.step();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isNotZero();
            assertThat(bench.registers.read32(Reg.EICR) & Reg.EICR_LSC).isNotZero();
        }
    }

    @Test
    void theLatchedStatusTellsOfALinkThatWasDownInBetween() {
        try (Bench bench = Bench.up()) {
            bench.registers.read32(Reg.LINKS);
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_STATUS).isNotZero();
            bench.registers.set(Reg.AUTOC, Reg.AUTOC_RESTART_AN);
            bench.step();
            assertThat(bench.registers.read32(Reg.LINKS) & (Reg.LINKS_UP | Reg.LINKS_STATUS))
                    .isEqualTo(Reg.LINKS_UP);
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_STATUS).isNotZero();
        }
    }

    @Test
    void needsAModuleInTheCage() {
        try (Bench bench = Bench.up()) {
            assertThat(bench.registers.read32(Reg.ESDP) & Reg.ESDP_SDP2_DATA).isNotZero();
            bench.nic.insertModule(false);
            bench.step();
            assertThat(bench.registers.read32(Reg.ESDP) & Reg.ESDP_SDP2_DATA).isZero();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isZero();
        }
    }

    @Test
    void isDownWhileTheLaserIsOff() {
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.ESDP, Reg.ESDP_SDP3_DATA);
            bench.step();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isZero();
            bench.registers.clear(Reg.ESDP, Reg.ESDP_SDP3_DATA);
            bench.step();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isNotZero();
        }
    }

    @Test
    void packetsWaitInTheRingUntilItIsUp() {
        try (Bench bench = Bench.up()) {
            bench.nic.insertModule(false);
            bench.step();
            bench.send(Frames.broadcast(60));
            assertThat(bench.probe.frames).isEmpty();
            bench.nic.insertModule(true);
            bench.step();
            assertThat(bench.probe.frames).hasSize(1);
        }
    }

    @Test
    void aSoftwareResetLeavesItUpButALinkResetDoesNot() {
        try (Bench bench = Bench.up()) {
            bench.nic.linkDelay(1_000_000);
            bench.registers.write32(Reg.CTRL, Reg.CTRL_RST);
            bench.step();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isNotZero();
            bench.registers.write32(Reg.CTRL, Reg.CTRL_LRST);
            bench.step();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isZero();
        }
    }

    @Test
    void theLedsKeepWhatIsWritten() {
        try (Bench bench = Bench.up()) {
            bench.registers.write32(Reg.LEDCTL, 0x8E);
            assertThat(bench.registers.read32(Reg.LEDCTL)).isEqualTo(0x8E);
        }
    }
}
