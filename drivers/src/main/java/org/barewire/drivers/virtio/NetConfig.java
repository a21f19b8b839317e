package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.F_MAC;
import static org.barewire.drivers.vhost.VirtioNet.F_MQ;
import static org.barewire.drivers.vhost.VirtioNet.F_MTU;
import static org.barewire.drivers.vhost.VirtioNet.F_RSS;
import static org.barewire.drivers.vhost.VirtioNet.F_SPEED_DUPLEX;
import static org.barewire.drivers.vhost.VirtioNet.F_STATUS;

import org.barewire.core.device.DeviceException;
import org.barewire.core.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/// What a network device says of itself in its configuration (5.1.4), as far as its features let it.
///
/// @param address       its own, or null if it has none
/// @param linkUp        also if it doesn't tell
/// @param pairs         of receive and send queues
/// @param mtu           the largest that it takes
/// @param bitsPerSecond of the link, or 0
/// @param rssTable      entries that a redirection table may have, or 0
/// @param rssHashTypes  what it can hash, one bit each (5.1.6.4.3.1)
record NetConfig(
        @Nullable MacAddress address,
        boolean linkUp,
        int pairs,
        int mtu,
        long bitsPerSecond,
        int rssTable,
        int rssHashTypes) {
    /// Bytes that every device has: there is always room for the address and the status.
    static final int LEAST_LENGTH = 8;

    private static final int STATUS = 6;
    private static final int PAIRS = 8;
    private static final int MTU = 10;
    private static final int SPEED = 12;
    private static final int RSS_KEY_SIZE = 17;
    private static final int RSS_TABLE = 18;
    private static final int RSS_HASH_TYPES = 20;

    private static final int LINK_UP = 1;
    private static final int MOST_PAIRS = 0x8000;
    private static final int RSS_KEY = 40;
    private static final int ATTEMPTS = 100;

    /// Reads all of it as it was at one time (4.1.4.3.2).
    ///
    /// @param features those that were offered, or accepted
    static NetConfig read(Transport transport, long features) {
        for (int i = 0; i < ATTEMPTS; i++) {
            int generation = transport.generation();
            NetConfig config = read(transport.config(), features);
            if (transport.generation() == generation) {
                return config;
            }
        }
        throw new DeviceException("the device's configuration never stands still");
    }

    private static NetConfig read(Window config, long features) {
        boolean rss = (features & F_RSS) != 0 && config.read8(RSS_KEY_SIZE) >= RSS_KEY;
        int pairs = (features & (F_MQ | F_RSS)) == 0 ? 1 : config.read16(PAIRS);
        int speed = (features & F_SPEED_DUPLEX) == 0 ? 0 : config.read32(SPEED);
        if (pairs < 1 || pairs > MOST_PAIRS) {
            throw new DeviceException("the device says that it has %d pairs of queues".formatted(pairs));
        }
        return new NetConfig(
                (features & F_MAC) == 0 ? null : readAddress(config),
                (features & F_STATUS) == 0 || (config.read16(STATUS) & LINK_UP) != 0,
                pairs,
                (features & F_MTU) == 0 ? 0xFFFF : config.read16(MTU),
                Math.max(0, speed) * 1_000_000L, // -1 is unknown
                rss ? config.read16(RSS_TABLE) : 0,
                rss ? config.read32(RSS_HASH_TYPES) : 0);
    }

    /// Byte by byte, as bytes are what it is made of (4.1.3.1).
    private static MacAddress readAddress(Window config) {
        long value = 0;
        for (int i = 0; i < 6; i++) {
            value = value << 8 | config.read8(i);
        }
        return new MacAddress(value);
    }

    /// Says to a legacy device what the address is (5.1.4.3).
    static void writeAddress(Transport transport, MacAddress address) {
        Window config = transport.config();
        for (int i = 0; i < 6; i++) {
            config.write8(i, (int) (address.bits() >>> 40 - 8 * i) & 0xFF);
        }
    }
}
