package org.barewire.drivers.ixgbe;

import java.util.Arrays;
import java.util.Optional;

/// The devices that this driver knows, by PCI device id of vendor 0x8086 (pci-ids, Intel's specification
/// updates).
public enum IxgbeModel {
    KX4(0x10F7, "82599 KX4", Media.BACKPLANE),
    COMBO_BACKPLANE(0x10F8, "82599 combo backplane", Media.BACKPLANE),
    CX4(0x10F9, "82599 CX4", Media.BACKPLANE),
    SFP(0x10FB, "82599ES SFP+", Media.SFP),
    XAUI(0x10FC, "82599 XAUI", Media.BACKPLANE),
    SFP_EM(0x1507, "82599 SFP+ mezzanine", Media.SFP),
    KX4_MEZZANINE(0x1514, "82599 KX4 mezzanine", Media.BACKPLANE),
    KR(0x1517, "82599 KR", Media.BACKPLANE),
    T3(0x151C, "82599 10GBASE-T", Media.COPPER),
    X540T(0x1528, "X540-AT2", Chip.X540),
    SFP_FCOE(0x1529, "82599 SFP+ FCoE", Media.SFP),
    BACKPLANE_FCOE(0x152A, "82599 backplane FCoE", Media.BACKPLANE),
    SFP_QUAD(0x154A, "82599 quad SFP+", Media.SFP),
    SFP_SF2(0x154D, "82599 dual SFP+", Media.SFP),
    SFP_LOM(0x1557, "82599EN SFP+", Media.SFP),
    QSFP(0x1558, "82599 QSFP+", Media.SFP),
    X540T1(0x1560, "X540-AT1", Chip.X540),
    X550T(0x1563, "X550-AT2", Chip.X550),
    X550T1(0x15D1, "X550-AT1", Chip.X550);

    /// What the link runs over, which decides how it is brought up.
    enum Media {
        /// A module in a cage: 10 Gbit/s serial, no negotiation.
        SFP,
        /// Copper on a board: clause 73 negotiation between the two MACs.
        BACKPLANE,
        /// A PHY that negotiates by itself.
        COPPER
    }

    /// The controller, as far as the driver must tell one from another.
    enum Chip {
        I82599(512),
        /// Has a semaphore of its own for SW_FW_SYNC, and a checksum over fewer sections of the EEPROM.
        X540(384),
        /// Its EEPROM is read by its firmware alone.
        X550(384);

        private final int receiveBuffer;

        Chip(int receiveBuffer) {
            this.receiveBuffer = receiveBuffer;
        }

        /// The size of the receive packet buffer, in KiB.
        int receiveBuffer() {
            return receiveBuffer;
        }
    }

    /// PCI vendor id of all of them.
    public static final int VENDOR_ID = 0x8086;

    private final int deviceId;
    private final String text;
    private final Chip chip;
    private final Media media;

    IxgbeModel(int deviceId, String text, Media media) {
        this(deviceId, text, Chip.I82599, media);
    }

    IxgbeModel(int deviceId, String text, Chip chip) {
        this(deviceId, text, chip, Media.COPPER);
    }

    IxgbeModel(int deviceId, String text, Chip chip, Media media) {
        this.deviceId = deviceId;
        this.text = text;
        this.chip = chip;
        this.media = media;
    }

    public static Optional<IxgbeModel> of(int deviceId) {
        return Arrays.stream(values()).filter(m -> m.deviceId == deviceId).findFirst();
    }

    public int deviceId() {
        return deviceId;
    }

    Chip chip() {
        return chip;
    }

    Media media() {
        return media;
    }

    /// The name it is sold by.
    @Override
    public String toString() {
        return text;
    }
}
