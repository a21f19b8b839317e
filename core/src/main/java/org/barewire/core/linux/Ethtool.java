package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What an interface's driver tells of itself and of its queues (`linux/ethtool.h`).
public final class Ethtool {
    private static final int GDRVINFO = 0x03;
    private static final int GFLAGS = 0x25;
    private static final int GCHANNELS = 0x3C;
    private static final int FLAG_RXVLAN = 1 << 8;
    private static final int DRVINFO_BYTES = 196;
    private static final int CHANNELS_BYTES = 36;

    /// An interface's driver.
    ///
    /// @param name as in `ixgbe`; empty if it isn't known
    /// @param bus  where the device is, a PCI address for instance; empty if it isn't known
    public record Driver(String name, String bus) {
        public String nameForPeople() {
            return name.isEmpty() ? "unknown" : name;
        }
    }

    /// An interface's queues in use and the most that its driver could use.
    ///
    /// @param rx receive queues
    /// @param tx send queues
    public record Channels(int rx, int tx, int mostRx, int mostTx) {}

    private Ethtool() {}

    /// The driver, as far as it tells.
    public static Driver driver(NetInterface device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(DRVINFO_BYTES, 8); // struct ethtool_drvinfo
            info.set(JAVA_INT, 0, GDRVINFO);
            device.ethtool(info, "read the driver of");
            return new Driver(info.getString(4), info.getString(100));
        } catch (LinuxException e) {
            return new Driver("", "");
        }
    }

    /// Whether the device takes VLAN tags out of received packets; false where the driver doesn't tell.
    public static boolean stripsVlanTags(NetInterface device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flags = arena.allocate(8, 8); // struct ethtool_value
            flags.set(JAVA_INT, 0, GFLAGS);
            device.ethtool(flags, "read the flags of");
            return (flags.get(JAVA_INT, 4) & FLAG_RXVLAN) != 0;
        } catch (LinuxException e) {
            return false;
        }
    }

    /// The queues; one of each where the driver doesn't tell.
    public static Channels channels(NetInterface device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment channels = arena.allocate(CHANNELS_BYTES, 8); // struct ethtool_channels
            channels.set(JAVA_INT, 0, GCHANNELS);
            device.ethtool(channels, "read the channels of");
            int mostCombined = channels.get(JAVA_INT, 16);
            int combined = channels.get(JAVA_INT, 32);
            return new Channels(
                    Math.max(1, channels.get(JAVA_INT, 20) + combined),
                    Math.max(1, channels.get(JAVA_INT, 24) + combined),
                    Math.max(1, channels.get(JAVA_INT, 4) + mostCombined),
                    Math.max(1, channels.get(JAVA_INT, 8) + mostCombined));
        } catch (LinuxException e) {
            return new Channels(1, 1, 1, 1);
        }
    }
}
