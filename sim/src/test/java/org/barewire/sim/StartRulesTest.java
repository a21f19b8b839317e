package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

/// One wrong step each in the bring-up.
class StartRulesTest {
    @Test
    void theRightOrderIsNotComplainedOf() {
        try (Bench bench = Bench.up()) {
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void theReservedBitOfEimcMustNotBeSet() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.EIMC, 0xFFFF_FFFF);
            bench.assertComplaint("EIMC", "bit 31", "8.2.3.5.4");
        }
    }

    @Test
    void theReservedBitsOfDtxmxszrqMustNotBeSet() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.DTXMXSZRQ, 0xFFFF);
            bench.assertComplaint("DTXMXSZRQ", "0xffff");
        }
    }

    @Test
    void fctrlMustNotChangeWhileReceiving() {
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.FCTRL, Reg.FCTRL_BAM);
            assertThat(bench.nic.complaints()).isEmpty(); // it did not change
            bench.registers.set(Reg.FCTRL, Reg.FCTRL_UPE);
            bench.assertComplaint("FCTRL", "RXEN");
        }
    }

    @Test
    void theReceiverMustWaitForTheEepromAndForDma() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.CTRL, Reg.CTRL_RST);
            bench.await(Reg.CTRL, Reg.CTRL_RST, 0);
            bench.configure();
            bench.startReceiver();
            bench.assertComplaint("EEC.ARD", "4.6.3");
            bench.assertComplaint("EIMC", "4.6.3.1");
        }
        try (Bench bench = new Bench()) {
            bench.registers.read32(Reg.EEC);
            bench.registers.write32(Reg.RXCTRL, Reg.RXCTRL_RXEN);
            bench.assertComplaint("RDRXCTL.DMAIDONE", "4.6.3");
        }
    }

    @Test
    void receiveSideCoalescingFieldsMustBeRight() {
        try (Bench bench = configured()) {
            bench.registers.set(Reg.RDRXCTL, 8 << 17);
            bench.registers.clear(Reg.RDRXCTL, Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX);
            bench.startReceiver();
            bench.assertComplaint("RSCFRSTSIZE", "0x8");
            bench.assertComplaint("RSCACKC");
            bench.assertComplaint("FCOE_WRFIX");
        }
    }

    @Test
    void bothSwitchesForTheCheckSequenceMustAgree() {
        try (Bench bench = configured()) {
            bench.registers.clear(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP);
            bench.startReceiver();
            bench.assertComplaint("CRCSTRIP", "RXCRCSTRP");
        }
    }

    @Test
    void noSnoopMustBeDisabled() {
        try (Bench bench = configured()) {
            bench.registers.clear(Reg.CTRL_EXT, Reg.CTRL_EXT_NS_DIS);
            bench.startReceiver();
            bench.assertComplaint("CTRL_EXT.NS_DIS");
        }
    }

    @Test
    void receivePacketBuffersMustFitInWhatThereIs() {
        try (Bench bench = configured()) {
            bench.registers.write32(Reg.rxpbsize(1), 1 << 10);
            bench.startReceiver();
            bench.assertComplaint("RXPBSIZE", "513 KiB");
        }
    }

    @Test
    void transmitPacketBuffersMustFitInWhatThereIs() {
        try (Bench bench = new Bench()) {
            bench.reset();
            bench.registers.write32(Reg.txpbsize(7), 10 << 10);
            bench.configure();
            bench.assertComplaint("TXPBSIZE", "170 KiB");
        }
    }

    @Test
    void theSecurityPathMustBeHaltedAndEmptyFirst() {
        try (Bench bench = configured()) {
            bench.registers.set(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
            bench.registers.set(Reg.RXCTRL, Reg.RXCTRL_RXEN); // without a look at SECRXSTAT
            bench.assertComplaint("SECRXSTAT.SECRX_RDY", "4.6.7");
        }
    }

    @Test
    void theArbiterMustBeOffWhenTransmitQueuesAreLaidOut() {
        try (Bench bench = configured()) {
            bench.registers.set(Reg.RTTDCS, Reg.RTTDCS_ARBDIS);
            bench.registers.write32(Reg.MTQC, 0);
            assertThat(bench.nic.complaints()).isEmpty();
            bench.registers.clear(Reg.RTTDCS, Reg.RTTDCS_ARBDIS);
            bench.registers.write32(Reg.MTQC, 0);
            bench.assertComplaint("MTQC", "RTTDCS.ARBDIS");
        }
    }

    private static Bench configured() {
        Bench bench = new Bench();
        bench.reset();
        bench.configure();
        assertThat(bench.nic.complaints()).isEmpty();
        return bench;
    }
}
