package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.F_CTRL_MAC_ADDR;
import static org.barewire.drivers.vhost.VirtioNet.F_CTRL_RX;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.RssConfig;
import org.barewire.core.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/// What a network device can be told while it runs: filters, its address, how packets are spread (5.1.6.5).
///
/// A device without CTRL_RX filters nothing, so that there is nothing to be told.
final class NetControl {
    private static final int RX = 0;
    private static final int RX_PROMISCUOUS = 0;
    private static final int RX_ALL_MULTICAST = 1;
    private static final int MAC = 1;
    private static final int MAC_TABLE_SET = 0;
    private static final int MAC_ADDRESS_SET = 1;
    private static final int VLAN = 2;
    private static final int VLAN_ADD = 0;
    private static final int MQ = 4;
    private static final int MQ_PAIRS_SET = 0;
    private static final int MQ_RSS_CONFIG = 1;

    /// As many as fit in a command; whoever wants more gets all multicast frames.
    private static final int MOST_ADDRESSES = (ControlQueue.MOST_DATA - 16) / 6;

    private final @Nullable ControlQueue queue;
    private final Transport transport;
    private final long features;
    private MacAddress address;
    private List<MacAddress> others = List.of(); // 0 or 1, besides the address that the device knows
    private List<MacAddress> groups = List.of();
    private boolean allMulticast;

    /// @param queue   null if the device has none
    /// @param address the device's own, or one that it does not know
    NetControl(@Nullable ControlQueue queue, Transport transport, long features, MacAddress address) {
        this.queue = queue;
        this.transport = transport;
        this.features = features;
        this.address = address;
    }

    MacAddress address() {
        return address;
    }

    /// By its own command, or in the configuration, or as a second address to let pass: what the device has.
    void setAddress(MacAddress wanted) {
        if (wanted.isMulticast()) {
            throw new DeviceException("%s is the address of a group, not of one device".formatted(wanted));
        }
        transport.check();
        if (queue != null && has(F_CTRL_MAC_ADDR)) {
            queue.command(MAC, MAC_ADDRESS_SET, bytes(List.of(wanted)));
        } else if (transport.isAddressWritable()) {
            NetConfig.writeAddress(transport, wanted);
        } else {
            others = List.of(wanted);
            setTable();
        }
        address = wanted;
    }

    /// Filters as a device has them that has just been opened.
    void resetFilters() {
        setPromiscuous(false);
        setAllMulticast(false);
        setTable();
    }

    void setPromiscuous(boolean on) {
        setMode(RX_PROMISCUOUS, on);
    }

    void setAllMulticast(boolean on) {
        allMulticast = on;
        setMode(RX_ALL_MULTICAST, on || groups.size() > MOST_ADDRESSES);
    }

    void setMulticast(Collection<MacAddress> addresses) {
        groups = List.copyOf(addresses);
        setTable();
        setAllMulticast(allMulticast);
    }

    private void setMode(int mode, boolean on) {
        if (queue != null && has(F_CTRL_RX)) {
            queue.command(RX, mode, new byte[] {(byte) (on ? 1 : 0)});
        }
    }

    private void setTable() {
        if (queue != null && has(F_CTRL_RX)) {
            queue.command(
                    MAC, MAC_TABLE_SET, table(others), table(groups.size() > MOST_ADDRESSES ? List.of() : groups));
        }
    }

    /// Lets frames of these VLANs pass, and of no others.
    void setVlans(List<Integer> vlans) {
        for (int vlan : vlans) {
            command(VLAN, VLAN_ADD, littleEndian(vlan));
        }
    }

    /// Has the device use so many pairs of queues, and spread packets as it likes.
    void setPairs(int pairs) {
        command(MQ, MQ_PAIRS_SET, littleEndian(pairs));
    }

    /// Has the device use so many pairs of queues, and spread packets by the redirection table (5.1.6.5.7).
    ///
    /// @param most  entries that the table may have
    /// @param types that the device can hash
    void setRss(RssConfig rss, int pairs, int most, int types) {
        int entries = Math.min(RssConfig.TABLE_ENTRIES, Integer.highestOneBit(most));
        byte[] data = new byte[11 + 2 * entries + RssConfig.KEY_BYTES];
        ByteBuffer config = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        config.putInt(hashTypes(rss) & types).putShort((short) (entries - 1)).putShort((short) 0);
        for (int i = 0; i < entries; i++) {
            config.putShort((short) rss.queue(i, pairs));
        }
        config.putShort((short) pairs).put((byte) RssConfig.KEY_BYTES).put(rss.keyBytes());
        command(MQ, MQ_RSS_CONFIG, data);
    }

    /// The bits of VIRTIO_NET_HASH_TYPE (5.1.6.4.3.1).
    private static int hashTypes(RssConfig rss) {
        int types = 0;
        for (RssConfig.Field field : rss.fields()) {
            types |= switch (field) {
                case IPV4 -> 1;
                case IPV4_TCP -> 1 << 1;
                case IPV4_UDP -> 1 << 2;
                case IPV6 -> 1 << 3;
                case IPV6_TCP -> 1 << 4;
                case IPV6_UDP -> 1 << 5;
            };
        }
        return types;
    }

    private void command(int group, int command, byte[] data) {
        if (queue == null) {
            throw new IllegalStateException("there is no control queue");
        }
        queue.command(group, command, data);
    }

    void close() {
        if (queue != null) {
            queue.close();
        }
    }

    private boolean has(long feature) {
        return (features & feature) != 0;
    }

    private static byte[] table(List<MacAddress> addresses) {
        byte[] table = new byte[4 + 6 * addresses.size()];
        ByteBuffer.wrap(table)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(addresses.size())
                .put(bytes(addresses));
        return table;
    }

    private static byte[] bytes(List<MacAddress> addresses) {
        byte[] bytes = new byte[6 * addresses.size()];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (MacAddress address : addresses) {
            buffer.putShort((short) (address.bits() >>> 32)).putInt((int) address.bits());
        }
        return bytes;
    }

    private static byte[] littleEndian(int value) {
        return new byte[] {(byte) value, (byte) (value >>> 8)};
    }
}
