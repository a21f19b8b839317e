package org.barewire.drivers.igb;

import java.util.Arrays;
import java.util.Optional;
import org.barewire.drivers.pci.PciId;

/// The devices that this driver knows, by PCI device id of vendor 0x8086 (pci-ids, Intel's specification
/// updates): those with a PHY for copper, and virtual functions.
enum IgbModel {
    I82540EM(0x100E, "82540EM", Chip.I8254X),
    I82540EM_LOM(0x1015, "82540EM LOM", Chip.I8254X),
    I82540EP(0x1017, "82540EP", Chip.I8254X),
    I82545EM(0x100F, "82545EM", Chip.I8254X),
    I82545GM(0x1026, "82545GM", Chip.I8254X),
    I82574L(0x10D3, "82574L", Chip.I82574),
    I82574LA(0x10F6, "82574LA", Chip.I82574),
    I82576(0x10C9, "82576", Chip.I82576),
    I82576_QUAD(0x10E8, "82576 quad copper", Chip.I82576),
    I82576_NS(0x150A, "82576NS", Chip.I82576),
    I82576_QUAD_ET2(0x1526, "82576 quad copper ET2", Chip.I82576),
    I82576_VF(0x10CA, "82576 virtual function", Chip.VIRTUAL),
    I350(0x1521, "I350", Chip.I350),
    I350_VF(0x1520, "I350 virtual function", Chip.VIRTUAL),
    I210(0x1533, "I210", Chip.I210),
    I210_FLASHLESS(0x157B, "I210 without flash", Chip.I210),
    I211(0x1539, "I211", Chip.I211);

    /// The controller, as far as the driver must tell one from another.
    enum Chip {
        /// On the PCI bus: one queue, legacy receive descriptors.
        I8254X("e1000", 1, 16288),
        /// Two queues, extended descriptors.
        I82574("e1000e", 2, 9234),
        I82576("igb", 16, 9728),
        I350("igb", 8, 9728),
        I210("igb", 4, 9728),
        I211("igb", 2, 9728),
        /// Has no registers of the port: it asks the physical function for everything.
        VIRTUAL("igbvf", 1, 9728);

        private final String family;
        private final int queues;
        private final int longestFrame;

        Chip(String family, int queues, int longestFrame) {
            this.family = family;
            this.queues = queues;
            this.longestFrame = longestFrame;
        }

        /// What kernels call the driver of such chips.
        String family() {
            return family;
        }

        int queues() {
            return queues;
        }

        /// With its check sequence.
        int longestFrame() {
            return longestFrame;
        }

        /// What the timers that put interrupts off can do, in microseconds: 16 bits of 256 ns each, or 13 bits.
        int longestThrottle() {
            return isAdvanced() ? 0x1FFF : 0xFFFF * 256 / 1000;
        }

        /// From the 82576 on: advanced descriptors, and queues that are started and stopped one by one.
        boolean isAdvanced() {
            return this != I8254X && this != I82574;
        }
    }

    private static final int INTEL = 0x8086;

    private final int deviceId;
    private final String text;
    private final Chip chip;

    IgbModel(int deviceId, String text, Chip chip) {
        this.deviceId = deviceId;
        this.text = text;
        this.chip = chip;
    }

    static Optional<IgbModel> of(PciId id) {
        return Arrays.stream(values())
                .filter(m -> id.vendor() == INTEL && m.deviceId == id.device())
                .findFirst();
    }

    Chip chip() {
        return chip;
    }

    /// The name it is sold by.
    @Override
    public String toString() {
        return text;
    }
}
