package org.barewire.sim;

import org.barewire.drivers.ixgbe.Reg;
import org.jspecify.annotations.Nullable;

/// MAC and PHY as far as software sees them: whether the link is up, what the pins of the SFP+ cage and the
/// module in it say, or the PHY of a card that has one. Guarded by the model's lock but for {@link #carrier}.
final class Link {
    private static final int AUTOC_SFP = 0xC09C6004; // 10 Gbit/s serial (SFI), as SFP+ cards have it
    private static final int AUTOC_BACKPLANE = 0xC09C8004; // autonegotiation of KX4, KX and KR

    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final Medium medium;
    private final I2cBus moduleBus = new I2cBus(new SfpModule());
    private final MdioPhy phy = new MdioPhy();
    private @Nullable WireEnd end;
    private volatile boolean carrier; // set by whoever plugs the wire
    private boolean module;
    private long delayNanos;
    private boolean restart = true;
    private boolean training;
    private long upAt;
    private boolean up;
    private boolean wentDown = true;

    Link(RegisterFile registers, Interrupts interrupts, Medium medium) {
        this.registers = registers;
        this.interrupts = interrupts;
        this.medium = medium;
        module = medium == Medium.SFP;
        registers.put(Reg.AUTOC, defaultAutoc());
    }

    void plug(WireEnd wireEnd) {
        end = wireEnd;
        carrier = wireEnd.carrier();
    }

    void carrier(boolean present) {
        carrier = present;
    }

    void module(boolean present) {
        module = present && medium == Medium.SFP;
    }

    void delay(long nanos) {
        delayNanos = nanos;
    }

    @Nullable
    WireEnd end() {
        return end;
    }

    boolean up() {
        return up;
    }

    void reset() {
        registers.put(Reg.AUTOC, defaultAutoc());
        restart = true;
    }

    int read(int offset) {
        return switch (offset) {
            case Reg.ESDP -> registers.get(offset) & ~Reg.ESDP_SDP2_DATA | (module ? Reg.ESDP_SDP2_DATA : 0);
            case Reg.I2CCTL -> i2c();
            case Reg.LINKS -> links();
            case Reg.ANLP1 -> 1 << 16; // negotiating or done, with no abilities of the partner's
            default -> registers.get(offset);
        };
    }

    void write(int offset, int value) {
        switch (offset) {
            case Reg.I2CCTL -> {
                moduleBus.drive((value & Reg.I2CCTL_CLK_OUT) != 0, (value & Reg.I2CCTL_DATA_OUT) != 0, module);
                registers.put(offset, value & (Reg.I2CCTL_CLK_OUT | Reg.I2CCTL_DATA_OUT));
            }
            case Reg.MSCA -> {
                registers.put(offset, value & ~Reg.MSCA_MDICMD);
                if ((value & Reg.MSCA_MDICMD) != 0) {
                    int toWrite = registers.get(Reg.MSRWD) & 0xFFFF;
                    int read = medium == Medium.COPPER ? phy.command(value, toWrite, up) : MdioPhy.NOTHING;
                    registers.put(Reg.MSRWD, toWrite | read << 16);
                }
            }
            case Reg.MSRWD -> registers.put(offset, registers.get(offset) & 0xFFFF << 16 | value & 0xFFFF);
            case Reg.AUTOC -> {
                registers.put(offset, value & ~Reg.AUTOC_RESTART_AN);
                restart |= (value & Reg.AUTOC_RESTART_AN) != 0;
            }
            case Reg.LINKS, Reg.ANLP1 -> {} // read-only
            default -> registers.put(offset, value);
        }
    }

    /// Follows the carrier; true if the link went up or down.
    boolean step(long nowNanos) {
        boolean lit = module && !registers.has(Reg.ESDP, Reg.ESDP_SDP3_DATA);
        boolean wanted = carrier && (lit || medium != Medium.SFP);
        boolean before = up;
        if (restart || !wanted) {
            restart = false;
            training = wanted;
            upAt = nowNanos + delayNanos;
            up = false;
        } else if (!up && !training) {
            training = true;
            upAt = nowNanos + delayNanos;
        }
        if (before && !up) {
            wentDown = true;
            interrupts.raise(Reg.EICR_LSC);
        }
        if (training && nowNanos >= upAt) {
            training = false;
            up = true;
            interrupts.raise(Reg.EICR_LSC);
        }
        return before != up;
    }

    private int defaultAutoc() {
        return medium == Medium.BACKPLANE ? AUTOC_BACKPLANE : AUTOC_SFP;
    }

    private int links() {
        if (!up) {
            return 0;
        }
        int value = Reg.LINKS_UP | speed() | (wentDown ? 0 : Reg.LINKS_STATUS);
        wentDown = false;
        return medium == Medium.BACKPLANE ? value | Reg.LINKS_KX_AN_COMPLETE : value;
    }

    private int speed() {
        long rate = end == null ? 0 : end.bitsPerSecond();
        if (rate == 0 || rate > 1_000_000_000) {
            return Reg.LINKS_SPEED_10G;
        }
        return rate > 100_000_000 ? Reg.LINKS_SPEED_1G : Reg.LINKS_SPEED_100M;
    }

    /// What is driven on the two wires of the module's I2C bus, and what is on them.
    private int i2c() {
        int value = registers.get(Reg.I2CCTL);
        return value
                | ((value & Reg.I2CCTL_CLK_OUT) != 0 ? Reg.I2CCTL_CLK_IN : 0)
                | (moduleBus.data() ? Reg.I2CCTL_DATA_IN : 0);
    }
}
