package org.barewire.drivers.igb;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.Offload;
import org.barewire.core.device.RssConfig;
import org.barewire.core.memory.Registers;

/// Spreading packets over the receive queues by their hash (82576 datasheet, 7.1.1.7; 82574 datasheet,
/// 7.1.11).
record Rss(IgbModel.Chip chip, Registers registers, DeviceConfig config) {
    void initialize() {
        RssConfig rss = config.rss();
        byte[] key = rss.keyBytes();
        for (int i = 0; i < key.length / 4; i++) {
            registers.write32(Reg.rssrk(i), littleEndian(key, 4 * i));
        }
        int queueShift = chip == IgbModel.Chip.I82574 ? 7 : 0; // its entries have the queue in their highest bit
        for (int i = 0; i < RssConfig.TABLE_ENTRIES / 4; i++) {
            int entries = 0;
            for (int j = 3; j >= 0; j--) {
                entries = entries << 8 | rss.queue(4 * i + j, config.queues()) << queueShift;
            }
            registers.write32(Reg.reta(i), entries);
        }
        boolean on = config.queues() > 1 || config.offloads().contains(Offload.RSS_HASH);
        int mode = chip == IgbModel.Chip.I82574 ? Reg.MRQC_RSS_82574 : Reg.MRQC_RSS;
        registers.write32(Reg.MRQC, on ? mode | hashedFields(rss) : 0);
    }

    /// An 82574 can't tell UDP from other IP packets, and hashes their addresses.
    private int hashedFields(RssConfig rss) {
        boolean old = chip == IgbModel.Chip.I82574;
        int bits = 0;
        for (RssConfig.Field field : rss.fields()) {
            bits |= switch (field) {
                case IPV4 -> Reg.MRQC_IPV4;
                case IPV4_TCP -> Reg.MRQC_TCP_IPV4;
                case IPV4_UDP -> old ? Reg.MRQC_IPV4 : Reg.MRQC_UDP_IPV4;
                case IPV6 -> Reg.MRQC_IPV6;
                case IPV6_TCP -> old ? Reg.MRQC_TCP_IPV6_82574 : Reg.MRQC_TCP_IPV6;
                case IPV6_UDP -> old ? Reg.MRQC_IPV6 : Reg.MRQC_UDP_IPV6;
            };
        }
        return bits;
    }

    private static int littleEndian(byte[] bytes, int i) {
        return bytes[i] & 0xFF | (bytes[i + 1] & 0xFF) << 8 | (bytes[i + 2] & 0xFF) << 16 | bytes[i + 3] << 24;
    }
}
