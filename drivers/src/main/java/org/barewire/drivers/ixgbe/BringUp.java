package org.barewire.drivers.ixgbe;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.Offload;
import org.barewire.core.device.RssConfig;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.intel.Waiting;

/// Brings the device from any state to one in which queues can be started, in the order of chapter 4.6, and
/// stops it again. What is left out on purpose is in docs/ixgbe.md.
final class BringUp {
    private final String device;
    private final IxgbeModel model;
    private final Registers registers;
    private final DeviceConfig config;
    private final Waiting waiting;

    BringUp(String device, IxgbeModel model, Registers registers, DeviceConfig config) {
        this.device = device;
        this.model = model;
        this.registers = registers;
        this.config = config;
        this.waiting = new Waiting(device, registers);
    }

    void run() {
        reset();
        verifyEeprom();
        registers.set(Reg.CTRL_EXT, Reg.CTRL_EXT_DRV_LOAD); // 8.2.3.1.3: tells the firmware
        startLink();
        clearFilters();
        initializeReceive();
        initializeTransmit();
    }

    /// To the state of 4.6.3: reset, EEPROM read, DMA ready, every interrupt masked.
    void reset() {
        maskInterrupts(); // 4.6.3.1
        disableMaster(); // 5.2.5.3.2
        resetLinkAndDevice(); // 4.6.3.2
        maskInterrupts(); // the reset unmasked them
        waiting.expect("the EEPROM to be read", Reg.EEC, Reg.EEC_ARD, Reg.EEC_ARD); // 4.6.3
        waiting.expect("DMA to be initialized", Reg.RDRXCTL, Reg.RDRXCTL_DMAIDONE, Reg.RDRXCTL_DMAIDONE); // 4.6.3
    }

    private void maskInterrupts() {
        registers.write32(Reg.EIMC, 0x7FFF_FFFF); // bit 31 is reserved
        registers.write32(Reg.eimc(1), -1);
        registers.write32(Reg.eimc(2), -1);
        registers.read32(Reg.EICR); // forgets causes
    }

    /// Lets DMA under way come to its end. A device that does not answer in time is reset all the same.
    private void disableMaster() {
        registers.set(Reg.CTRL, Reg.CTRL_MASTER_DISABLE);
        registers.await(Reg.STATUS, Reg.STATUS_MASTER_ENABLED, 0, 100_000_000);
    }

    private void resetLinkAndDevice() {
        registers.set(Reg.CTRL, Reg.CTRL_RST | Reg.CTRL_LRST);
        Waiting.pause(1_000_000); // 8.2.3.1.1: no access for a millisecond
        waiting.expect("the reset to end", Reg.CTRL, Reg.CTRL_RST | Reg.CTRL_LRST, 0);
        Waiting.pause(10_000_000); // 4.6.3.2
    }

    private void verifyEeprom() {
        if (model.chip() != IxgbeModel.Chip.X550) {
            new Eeprom(device, model.chip(), registers).verify();
        }
    }

    /// 4.6.4. A PHY for copper negotiates by itself.
    private void startLink() {
        switch (model.media()) {
            case SFP -> {
                registers.replace(Reg.AUTOC2, Reg.AUTOC2_10G_SERIAL_PMA, Reg.AUTOC2_10G_SERIAL_SFI);
                registers.replace(Reg.AUTOC, Reg.AUTOC_LMS, Reg.AUTOC_LMS_10G_SFI);
                registers.set(Reg.AUTOC, Reg.AUTOC_RESTART_AN);
            }
            case BACKPLANE -> registers.set(Reg.AUTOC, Reg.AUTOC_RESTART_AN);
            case COPPER -> {}
        }
    }

    /// 4.6.7: tables that a reset leaves undefined. Entry 0 of the address table is the EEPROM's (6.2.8).
    private void clearFilters() {
        for (int i = 1; i < Reg.RAR_ENTRIES; i++) {
            registers.write32(Reg.ral(i), 0);
            registers.write32(Reg.rah(i), 0);
        }
        for (int i = 0; i < 128; i++) {
            registers.write32(Reg.mta(i), 0);
            registers.write32(Reg.vfta(i), 0);
            registers.write32(Reg.ftqf(i), 0);
        }
    }

    /// 4.6.7, up to the queues.
    private void initializeReceive() {
        registers.clear(Reg.RXCTRL, Reg.RXCTRL_RXEN);
        registers.write32(Reg.rxpbsize(0), model.chip().receiveBuffer() << 10); // 4.6.11.3.4: all of it, in KiB << 10
        for (int i = 1; i < 8; i++) {
            registers.write32(Reg.rxpbsize(i), 0);
        }
        registers.set(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP);
        registers.replace(
                Reg.RDRXCTL,
                Reg.RDRXCTL_RSCFRSTSIZE | Reg.RDRXCTL_CRCSTRIP | Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX,
                Reg.RDRXCTL_CRCSTRIP | Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX); // 8.2.3.8.8
        setMaximumFrame();
        registers.write32(Reg.FCTRL, Reg.FCTRL_BAM);
        registers.clear(Reg.VLNCTRL, Reg.VLNCTRL_VFE);
        disableFlowControl();
        initializeRss();
        registers.set(Reg.CTRL_EXT, Reg.CTRL_EXT_NS_DIS); // 4.6.7
    }

    private void setMaximumFrame() {
        if (config.mtu() > 1500) {
            registers.write32(Reg.MAXFRS, config.maxFrameLength() + 4 << Reg.MAXFRS_MFS_SHIFT); // with FCS
            registers.set(Reg.HLREG0, Reg.HLREG0_JUMBOEN);
        }
    }

    /// 3.7.7: neither sends pause frames nor heeds them. A reset leaves it so but for the management
    /// firmware.
    private void disableFlowControl() {
        registers.write32(Reg.FCCFG, 0);
        registers.clear(Reg.MFLCN, Reg.MFLCN_RFCE | Reg.MFLCN_RPFCE);
        for (int i = 0; i < 8; i++) {
            registers.write32(Reg.fcrtl(i), 0);
            registers.write32(Reg.fcrth(i), 0);
        }
        for (int i = 0; i < 4; i++) {
            registers.write32(Reg.fcttv(i), 0);
        }
    }

    /// 7.1.2.8. The hash takes the descriptor field that a fragment's checksum would be in (PCSD).
    private void initializeRss() {
        registers.set(Reg.RXCSUM, Reg.RXCSUM_PCSD);
        RssConfig rss = config.rss();
        byte[] key = rss.keyBytes();
        for (int i = 0; i < key.length / 4; i++) {
            registers.write32(Reg.rssrk(i), littleEndian(key, 4 * i));
        }
        for (int i = 0; i < RssConfig.TABLE_ENTRIES / 4; i++) {
            int entries = 0;
            for (int j = 3; j >= 0; j--) {
                entries = entries << 8 | rss.queue(4 * i + j, config.queues());
            }
            registers.write32(Reg.reta(i), entries);
        }
        boolean on = config.queues() > 1 || config.offloads().contains(Offload.RSS_HASH);
        registers.write32(Reg.MRQC, on ? Reg.MRQC_RSS | hashedFields(rss) : 0);
    }

    private static int hashedFields(RssConfig rss) {
        int bits = 0;
        for (RssConfig.Field field : rss.fields()) {
            bits |= switch (field) {
                case IPV4 -> Reg.MRQC_IPV4;
                case IPV4_TCP -> Reg.MRQC_TCP_IPV4;
                case IPV4_UDP -> Reg.MRQC_UDP_IPV4;
                case IPV6 -> Reg.MRQC_IPV6;
                case IPV6_TCP -> Reg.MRQC_TCP_IPV6;
                case IPV6_UDP -> Reg.MRQC_UDP_IPV6;
            };
        }
        return bits;
    }

    private static int littleEndian(byte[] bytes, int i) {
        return bytes[i] & 0xFF | (bytes[i + 1] & 0xFF) << 8 | (bytes[i + 2] & 0xFF) << 16 | bytes[i + 3] << 24;
    }

    /// 4.6.8, up to the queues.
    private void initializeTransmit() {
        registers.set(Reg.HLREG0, Reg.HLREG0_TXCRCEN | Reg.HLREG0_TXPADEN);
        registers.set(Reg.RTTDCS, Reg.RTTDCS_ARBDIS); // 8.2.3.9.15: MTQC changes only while the arbiter is off
        registers.write32(Reg.MTQC, 0);
        registers.write32(Reg.txpbsize(0), 160 << 10); // 4.6.11.3.4, in KiB << 10
        registers.write32(Reg.txpbthresh(0), 160 - config.maxFrameLength() / 1024 - 1); // in KiB
        for (int i = 1; i < 8; i++) {
            registers.write32(Reg.txpbsize(i), 0);
            registers.write32(Reg.txpbthresh(i), 0);
        }
        registers.write32(Reg.DTXMXSZRQ, 0xFFF); // bits 15 to 12 are reserved
        registers.clear(Reg.RTTDCS, Reg.RTTDCS_ARBDIS);
        registers.set(Reg.DMATXCTL, Reg.DMATXCTL_TE);
    }

    /// 4.6.7, last: the receiver goes on between stopping and restarting the security block's receive path.
    void enableReceiver() {
        registers.set(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
        waiting.expect("the receive path to be empty", Reg.SECRXSTAT, Reg.SECRXSTAT_SECRX_RDY, Reg.SECRXSTAT_SECRX_RDY);
        registers.set(Reg.RXCTRL, Reg.RXCTRL_RXEN);
        registers.clear(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
    }

    void disableReceiver() {
        registers.clear(Reg.RXCTRL, Reg.RXCTRL_RXEN);
    }

    /// Leaves the device quiet: no DMA, no interrupt, the firmware told.
    void shutDown() {
        registers.clear(Reg.CTRL_EXT, Reg.CTRL_EXT_DRV_LOAD);
        reset();
    }
}
