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

    @Breaks(Rule.UNDEFINED_REGISTER)
    void registersThatDoNotExistMustNotBeTouched(Bench bench) {
        assertThat(bench.registers.read32(0x00004)).isZero();
        bench.registers.write32(0x00802, 1);
        bench.registers.read32(Reg.SIZE);
        assertThat(bench.nic.complaints()).hasSize(3);
        bench.assertComplaint("write", "0x802");
    }

    @Breaks(Rule.RESET_WITH_INTERRUPTS)
    void interruptsMustBeOffDuringAReset(Bench bench) {
        bench.bringUp();
        bench.registers.write32(Reg.EIMS, 1);
        bench.registers.write32(Reg.CTRL, Reg.CTRL_RST);
        bench.assertComplaint("CTRL", "EIMS", "4.6.3.1");
    }

    @Breaks(Rule.WRITE_DURING_RESET)
    void nothingMustBeWrittenDuringAReset(Bench bench) {
        bench.registers.write32(Reg.CTRL, Reg.CTRL_RST);
        bench.registers.write32(Reg.MAXFRS, 0);
        bench.assertComplaint("MAXFRS", "8.2.3.1.1");
    }

    @Breaks(Rule.SYNC_WITHOUT_SEMAPHORE)
    void theSynchronizationRegisterNeedsItsSemaphore(Bench bench) {
        bench.registers.write32(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP);
        bench.assertComplaint("SW_FW_SYNC", "SWESMBI");
    }

    @Breaks(Rule.EIMC_RESERVED)
    void theReservedBitOfEimcMustNotBeSet(Bench bench) {
        bench.registers.write32(Reg.EIMC, 0xFFFF_FFFF);
        bench.assertComplaint("EIMC", "bit 31", "8.2.3.5.4");
    }

    @Breaks(Rule.REQUESTS_RESERVED)
    void theReservedBitsOfDtxmxszrqMustNotBeSet(Bench bench) {
        bench.registers.write32(Reg.DTXMXSZRQ, 0xFFFF);
        bench.assertComplaint("DTXMXSZRQ", "0xffff");
    }

    @Breaks(Rule.FILTER_WHILE_RECEIVING)
    void fctrlMustNotChangeWhileReceiving(Bench bench) {
        bench.bringUp();
        bench.registers.set(Reg.FCTRL, Reg.FCTRL_BAM);
        assertThat(bench.nic.complaints()).isEmpty(); // it did not change
        bench.registers.set(Reg.FCTRL, Reg.FCTRL_UPE);
        bench.assertComplaint("FCTRL", "RXEN");
    }

    @Breaks(Rule.EEPROM_NOT_AWAITED)
    void theReceiverMustWaitForTheEeprom(Bench bench) {
        bench.resetBut(Reg.EEC);
        bench.configure();
        bench.startReceiver();
        bench.assertComplaint("EEC.ARD", "4.6.3");
    }

    @Breaks(Rule.DMA_NOT_AWAITED)
    void theReceiverMustWaitForDma(Bench bench) {
        bench.resetBut(Reg.RDRXCTL);
        bench.configureBut(Reg.RDRXCTL);
        bench.registers.write32(Reg.RDRXCTL, Reg.RDRXCTL_CRCSTRIP | Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX);
        bench.startReceiver();
        bench.assertComplaint("RDRXCTL.DMAIDONE", "4.6.3");
    }

    @Breaks(Rule.INTERRUPTS_NOT_MASKED)
    void interruptsMustBeMaskedAfterAReset(Bench bench) {
        bench.resetBut(Reg.EIMC);
        bench.configure();
        bench.startReceiver();
        bench.assertComplaint("EIMC", "4.6.3.1");
    }

    @Breaks({Rule.RSC_FIRST_SIZE, Rule.RSC_ACKNOWLEDGE, Rule.FCOE_WRITE_FIX})
    void receiveSideCoalescingFieldsMustBeRight(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.set(Reg.RDRXCTL, 8 << 17);
        bench.registers.clear(Reg.RDRXCTL, Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX);
        bench.startReceiver();
        bench.assertComplaint("RSCFRSTSIZE", "0x8");
        bench.assertComplaint("RSCACKC");
        bench.assertComplaint("FCOE_WRFIX");
    }

    @Breaks(Rule.CRC_STRIP)
    void bothSwitchesForTheCheckSequenceMustAgree(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.clear(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP);
        bench.startReceiver();
        bench.assertComplaint("CRCSTRIP", "RXCRCSTRP");
    }

    @Breaks(Rule.NO_SNOOP)
    void noSnoopMustBeDisabled(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.clear(Reg.CTRL_EXT, Reg.CTRL_EXT_NS_DIS);
        bench.startReceiver();
        bench.assertComplaint("CTRL_EXT", "NS_DIS");
    }

    @Breaks(Rule.RECEIVE_BUFFERS)
    void receivePacketBuffersMustFitInWhatThereIs(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.write32(Reg.rxpbsize(1), 1 << 10);
        bench.startReceiver();
        bench.assertComplaint("RXPBSIZE", "513 KiB");
    }

    @Breaks({Rule.RECEIVE_BUFFERS, Rule.TRANSMIT_BUFFERS})
    void packetBuffersBeyondTheFirstAreNotEmptyByThemselves(Bench bench) {
        bench.reset();
        bench.configureBut(Reg.rxpbsize(1), Reg.txpbsize(1));
        bench.startReceiver();
        bench.assertComplaint("RXPBSIZE", "1024 KiB");
        bench.assertComplaint("TXPBSIZE", "320 KiB");
    }

    @Breaks(Rule.TRANSMIT_BUFFERS)
    void transmitPacketBuffersMustFitInWhatThereIs(Bench bench) {
        bench.reset();
        bench.registers.write32(Reg.txpbsize(7), 10 << 10);
        bench.configureBut(Reg.txpbsize(7));
        bench.assertComplaint("TXPBSIZE", "170 KiB");
    }

    @Breaks(Rule.SECURITY_PATH_OPEN)
    void theSecurityPathMustBeHaltedAndEmptyFirst(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.set(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
        bench.registers.set(Reg.RXCTRL, Reg.RXCTRL_RXEN); // without a look at SECRXSTAT
        bench.assertComplaint("SECRXSTAT.SECRX_RDY", "4.6.7");
    }

    @Breaks(Rule.ARBITER_ON)
    void theArbiterMustBeOffWhenTransmitQueuesAreLaidOut(Bench bench) {
        bench.resetAndConfigure();
        bench.registers.set(Reg.RTTDCS, Reg.RTTDCS_ARBDIS);
        bench.registers.write32(Reg.MTQC, 0);
        assertThat(bench.nic.complaints()).isEmpty();
        bench.registers.clear(Reg.RTTDCS, Reg.RTTDCS_ARBDIS);
        bench.registers.write32(Reg.MTQC, 0);
        bench.assertComplaint("MTQC", "RTTDCS.ARBDIS");
    }
}
