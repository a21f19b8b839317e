package org.barewire.drivers.igb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciBar;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.PciId;
import org.jspecify.annotations.Nullable;

/// The registers of a card, as far as the driver looks at what comes of them: resets end, the EEPROM and the
/// PHY answer, the physical function reads its mail. No packet moves.
class FakeNic extends Registers implements PciDevice {
    static final long ADDRESS = 0x5254_0012_3456L;

    final Map<Integer, Integer> values = new HashMap<>();
    final int[] eeprom = new int[64];
    final List<Integer> messages = new ArrayList<>(); // to the physical function, their first words
    int refused; // the message that the physical function says no to
    int phyControl = 1 << 12;
    int restarts; // of the PHY's negotiation
    boolean removed;
    boolean busMaster;
    int closed;
    Interrupts.@Nullable Kind interrupts; // or none

    private final PciId id;

    FakeNic(int deviceId) {
        id = new PciId(0x8086, deviceId, 0, 0, 0, 0x020000);
        for (int i = 0; i < 3; i++) {
            eeprom[i] = Short.toUnsignedInt(Short.reverseBytes((short) (ADDRESS >>> 32 - 16 * i)));
        }
        fixChecksum();
        values.put(Reg.EEC, Reg.EEC_AUTO_RD);
        values.put(Reg.STATUS, Reg.STATUS_LU | 2 << 6);
        loadAddress();
    }

    void fixChecksum() {
        int sum = 0;
        for (int i = 0; i < 63; i++) {
            sum += eeprom[i];
        }
        eeprom[63] = 0xBABA - sum & 0xFFFF;
    }

    private void loadAddress() {
        values.put(Reg.ral(0), eeprom[0] | eeprom[1] << 16);
        values.put(Reg.rah(0), eeprom[2] | Reg.RAH_AV);
    }

    @Override
    public int read32(int offset) {
        return removed ? -1 : values.getOrDefault(offset, 0);
    }

    @Override
    public void write32(int offset, int value) {
        values.put(offset, value);
        switch (offset) {
            case Reg.CTRL -> values.put(offset, value & ~Reg.CTRL_RST);
            case Reg.EERD -> readEeprom(value);
            case Reg.MDIC -> accessPhy(value);
            case Reg.V2P_MAILBOX -> mail(value);
            default -> {}
        }
    }

    private void readEeprom(int value) {
        boolean old = id.device() == 0x100E;
        int word = value >>> (old ? 8 : 2) & 63;
        values.put(Reg.EERD, eeprom[word] << 16 | (old ? 1 << 4 : 1 << 1));
    }

    private void accessPhy(int value) {
        if ((value & Reg.MDIC_WRITE) != 0) {
            phyControl = value & 0xFFFF & ~(1 << 9); // restarting ends by itself
            restarts += value >>> 9 & 1;
        }
        values.put(Reg.MDIC, value & ~0xFFFF | phyControl | Reg.MDIC_READY);
    }

    private void mail(int value) {
        if (value == Reg.V2P_REQ) {
            int message = read32(Reg.vmbmem(0));
            messages.add(message);
            boolean no = (message & 0xFFFF) == refused;
            values.put(Reg.vmbmem(0), message | (no ? 1 << 30 : 1 << 31));
            if (message == Mailbox.RESET) {
                values.put(Reg.vmbmem(1), eeprom[0] | eeprom[1] << 16);
                values.put(Reg.vmbmem(2), eeprom[2]);
            }
            values.put(Reg.V2P_MAILBOX, Reg.V2P_PFACK | Reg.V2P_PFSTS);
        }
    }

    @Override
    public PciBar bar(int index) {
        return new PciBar() {
            @Override
            public long size() {
                return 0x20000;
            }

            @Override
            public Registers registers() {
                return FakeNic.this;
            }

            @Override
            public int read8(int offset) {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read16(int offset) {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read32(int offset) {
                return FakeNic.this.read32(offset);
            }

            @Override
            public void write8(int offset, int value) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write16(int offset, int value) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write32(int offset, int value) {
                FakeNic.this.write32(offset, value);
            }
        };
    }

    @Override
    public String address() {
        return "0000:00:05.0";
    }

    @Override
    public PciId id() {
        return id;
    }

    @Override
    public int numaNode() {
        return Numa.NO_NODE;
    }

    @Override
    public PciConfig config() {
        throw new UnsupportedOperationException();
    }

    @Override
    public DmaMapper dma() {
        return new DmaMapper() {
            @Override
            public void map(Region region) {}

            @Override
            public void unmap(Region region) {}
        };
    }

    @Override
    public int interruptVectors() {
        return interrupts == null ? 0 : 16;
    }

    @Override
    public Interrupts interrupts(int vectors) {
        return new Interrupts(Objects.requireNonNull(interrupts), vectors) {
            @Override
            protected void silence() {}
        };
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setBusMaster(boolean on) {
        busMaster = on;
    }

    @Override
    public void close() {
        closed++;
        busMaster = false;
    }
}
