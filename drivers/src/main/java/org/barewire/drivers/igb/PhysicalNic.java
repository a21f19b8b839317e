package org.barewire.drivers.igb;

import java.util.Collection;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.Offload;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.intel.AddressRegisters;
import org.barewire.drivers.intel.Waiting;

/// A physical function: the whole card, or one port of it. Section numbers are those of the 82576 datasheet,
/// where none other is named; what is left out on purpose is in docs/igb.md.
final class PhysicalNic implements Nic {
    /// Bytes of a frame's check sequence.
    static final int FCS = 4;

    private static final int LED_BLINKS = 0x8E8E_8E8E; // each of the four LEDs on, and blinking
    private static final int ADDRESSES = 15; // all chips have these; the 82574's 16th is its firmware's

    private final IgbModel.Chip chip;
    private final Registers registers;
    private final DeviceConfig config;
    private final Waiting waiting;
    private final Nvm nvm;
    private final Phy phy;
    private final Statistics statistics;
    private int ledsBefore;
    private boolean blinking;

    PhysicalNic(String device, IgbModel.Chip chip, Registers registers, DeviceConfig config) {
        this.chip = chip;
        this.registers = registers;
        this.config = config;
        this.waiting = new Waiting(device, registers);
        Semaphores semaphores = new Semaphores(device, chip, registers);
        this.nvm = new Nvm(device, chip, registers, semaphores);
        this.phy = new Phy(device, registers, semaphores);
        this.statistics = new Statistics(registers, chip, config.queues());
    }

    @Override
    public void bringUp() {
        reset();
        nvm.verify();
        if (chip == IgbModel.Chip.I8254X) {
            setAddress(nvm.address()); // a reset does not bring it back on all of them
            registers.clear(Reg.MANC, Reg.MANC_ARP_EN); // else the management firmware takes ARP requests
        } else {
            registers.set(Reg.CTRL_EXT, Reg.CTRL_EXT_DRV_LOAD); // tells the firmware
        }
        startLink();
        clearFilters();
        initializeReceive();
        initializeTransmit();
        statistics.clear();
    }

    /// 4.2.1.6.1: to the state after power-on, every interrupt masked.
    private void reset() {
        maskInterrupts();
        registers.write32(Reg.RCTL, 0);
        registers.write32(Reg.TCTL, Reg.TCTL_PSP);
        if (chip != IgbModel.Chip.I8254X) {
            registers.set(Reg.CTRL, Reg.CTRL_MASTER_DISABLE); // 5.2.3.3: lets DMA under way come to its end
            registers.await(Reg.STATUS, Reg.STATUS_MASTER_ENABLED, 0, 100_000_000); // who doesn't is reset all the same
        }
        Waiting.pause(10_000_000);
        registers.set(Reg.CTRL, Reg.CTRL_RST);
        Waiting.pause(10_000_000); // no access for a millisecond, on an 8254x until it has read its EEPROM
        waiting.expect("the reset to end", Reg.CTRL, Reg.CTRL_RST, 0);
        if (chip != IgbModel.Chip.I8254X) {
            registers.await(Reg.EEC, Reg.EEC_AUTO_RD, Reg.EEC_AUTO_RD, 100_000_000); // an i210 may have nothing to read
        }
        maskInterrupts(); // the reset unmasked them
    }

    private void maskInterrupts() {
        registers.write32(Reg.IMC, -1);
        if (chip.isAdvanced()) {
            registers.write32(Reg.EIMC, -1);
        }
        registers.read32(Reg.ICR); // forgets causes
    }

    /// 4.5.7: the PHY negotiates by itself, and the MAC follows. Pause frames are neither sent nor heeded.
    /// One switch has tags taken out and put in (7.4.2 to 7.4.4).
    private void startLink() {
        int off = Reg.CTRL_FORCE_SPEED | Reg.CTRL_FORCE_DUPLEX | Reg.CTRL_RFCE | Reg.CTRL_TFCE | Reg.CTRL_VME;
        int tags = config.offloads().contains(Offload.VLAN_STRIP) ? Reg.CTRL_VME : 0;
        registers.replace(Reg.CTRL, off | Reg.CTRL_SLU, Reg.CTRL_SLU | tags);
        registers.write32(Reg.VET, EtherType.VLAN);
        registers.write32(Reg.FCRTL, 0);
        registers.write32(Reg.FCRTH, 0);
        registers.write32(Reg.FCTTV, 0);
        phy.negotiate();
    }

    /// Tables that a reset leaves undefined. Entry 0 of the address table is the device's own.
    private void clearFilters() {
        for (int i = 1; i < ADDRESSES; i++) {
            registers.write32(Reg.ral(i), 0);
            registers.write32(Reg.rah(i), 0);
        }
        for (int i = 0; i < Reg.MTA_ENTRIES; i++) {
            registers.write32(Reg.mta(i), 0);
            registers.write32(Reg.vfta(i), 0);
            if (chip.isAdvanced()) {
                registers.write32(Reg.uta(i), 0);
            }
        }
    }

    /// 4.5.9, up to the queues.
    private void initializeReceive() {
        limitFrames();
        if (!chip.isAdvanced()) {
            registers.write32(Reg.RDTR, 0);
        }
        if (chip == IgbModel.Chip.I82574) {
            registers.set(Reg.RFCTL, Reg.RFCTL_EXSTEN);
        }
        int checks = Reg.RXCSUM_IPOFLD | Reg.RXCSUM_TUOFLD | (chip.isAdvanced() ? Reg.RXCSUM_CRCOFL : 0);
        int hash = chip == IgbModel.Chip.I8254X ? 0 : Reg.RXCSUM_PCSD; // in place of a fragment's checksum
        registers.write32(Reg.RXCSUM, checks | hash);
        if (chip != IgbModel.Chip.I8254X) {
            new Rss(chip, registers, config).initialize();
        }
    }

    /// From the 82576 on the longest frame is told exactly; before, it is 1522 bytes or whatever comes, which
    /// is in several buffers then.
    private void limitFrames() {
        boolean beyond1522 = chip.isAdvanced() || config.mtu() > 1500;
        int longest = config.maxFrameLength() + FCS;
        registers.write32(Reg.RCTL, Reg.RCTL_BAM | Reg.RCTL_SECRC | (beyond1522 ? Reg.RCTL_LPE : 0));
        if (chip.isAdvanced()) {
            registers.write32(Reg.RLPML, longest);
        }
        if (chip == IgbModel.Chip.I82576 || chip == IgbModel.Chip.I350) {
            for (int i = 0; i < Reg.POOLS; i++) { // which limit frames even if there is one pool only
                registers.replace(Reg.vmolr(i), Reg.VMOLR_RLPML | Reg.VMOLR_LPE, longest | Reg.VMOLR_LPE);
            }
        }
    }

    /// 4.5.10, up to the queues. Half duplex has its retransmissions (CT, COLD).
    private void initializeTransmit() {
        if (!chip.isAdvanced()) {
            int gap = Reg.TIPG_COPPER + (chip == IgbModel.Chip.I8254X ? 2 : 0);
            registers.write32(Reg.TIPG, gap);
            registers.replace(Reg.TCTL, Reg.TCTL_COLD_MASK, Reg.TCTL_COLD);
        }
        registers.replace(
                Reg.TCTL,
                Reg.TCTL_CT_MASK | Reg.TCTL_PSP | Reg.TCTL_RTLC | Reg.TCTL_EN,
                Reg.TCTL_CT | Reg.TCTL_PSP | Reg.TCTL_RTLC | Reg.TCTL_EN);
    }

    @Override
    public void setReceiving(boolean on) {
        registers.replace(Reg.RCTL, Reg.RCTL_EN, on ? Reg.RCTL_EN : 0);
    }

    @Override
    public MacAddress address() {
        return AddressRegisters.address(registers.read32(Reg.ral(0)), registers.read32(Reg.rah(0)));
    }

    @Override
    public void setAddress(MacAddress address) {
        AddressRegisters.checkOwn(address);
        registers.write32(Reg.ral(0), AddressRegisters.low(address));
        registers.write32(Reg.rah(0), AddressRegisters.high(address) | Reg.RAH_AV);
    }

    @Override
    public void setPromiscuous(boolean multicast, boolean all) {
        int bits = (all ? Reg.RCTL_UPE | Reg.RCTL_MPE : 0) | (multicast ? Reg.RCTL_MPE : 0);
        registers.replace(Reg.RCTL, Reg.RCTL_UPE | Reg.RCTL_MPE, bits);
    }

    @Override
    public void setMulticast(Collection<MacAddress> addresses) {
        int[] table = new int[Reg.MTA_ENTRIES];
        for (MacAddress address : addresses) {
            int hash = AddressRegisters.multicastHash(address);
            table[hash >>> 5] |= 1 << (hash & 31);
        }
        for (int i = 0; i < table.length; i++) {
            registers.write32(Reg.mta(i), table[i]);
        }
    }

    @Override
    public LinkState link() {
        return linkOf(registers.read32(Reg.STATUS), "nothing answers at the other end");
    }

    /// What STATUS says of the link (8.2.2), also to a virtual function.
    static LinkState linkOf(int status, String whyDown) {
        if ((status & Reg.STATUS_LU) == 0) {
            return LinkState.down(whyDown);
        }
        return LinkState.up(
                switch (status & Reg.STATUS_SPEED) {
                    case Reg.STATUS_SPEED_10 -> 10_000_000L;
                    case Reg.STATUS_SPEED_100 -> 100_000_000L;
                    default -> 1_000_000_000L;
                });
    }

    @Override
    public void blink(boolean on) {
        if (on && !blinking) {
            ledsBefore = registers.read32(Reg.LEDCTL);
            registers.write32(Reg.LEDCTL, LED_BLINKS);
        } else if (!on && blinking) {
            registers.write32(Reg.LEDCTL, ledsBefore);
        }
        blinking = on;
    }

    @Override
    public DeviceStatistics statistics(long txErrors) {
        return statistics.read(txErrors);
    }

    @Override
    public void shutDown() {
        blink(false);
        if (chip != IgbModel.Chip.I8254X) {
            registers.clear(Reg.CTRL_EXT, Reg.CTRL_EXT_DRV_LOAD);
        }
        reset();
    }
}
