package org.barewire.core.device;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;

/// How a device is opened. Start from {@link #standard} and change what matters.
///
/// @param memory        packet memory that rings and receive buffers come from
/// @param queues        receive queues and send queues, as many of each
/// @param rxDescriptors slots of each receive ring: a power of two
/// @param txDescriptors slots of each transmit ring: a power of two
/// @param poolSize      receive buffers of each receive queue beyond those on its ring: under way, or kept at
///     hand to take the place of packets that are received
/// @param mtu           largest network-layer packet in bytes; above 1500 packets may arrive in several
///     segments
/// @param offloads      what receive queues leave to the device
/// @param rss           how packets are spread over the receive queues
/// @param numaNode      where memory is taken from as long as there is some, or {@link Numa#NO_NODE}; who opens a PCI
///     card says its own
public record DeviceConfig(
        PacketMemory memory,
        int queues,
        int rxDescriptors,
        int txDescriptors,
        int poolSize,
        int mtu,
        Set<Offload> offloads,
        RssConfig rss,
        int numaNode) {
    /// The options of these that a device name can give, and what each does.
    public static final Map<String, String> OPTIONS = options();

    /// What a queue keeps at hand, and a burst: with fewer it would wait for packets to be released.
    private static final int LEAST_POOL = 64 + 64;

    private static final int LARGEST_POOL = 1 << 20;

    public DeviceConfig {
        OptionReader.range("queues", queues, 1, 64);
        OptionReader.powerOfTwoIn("rxd", rxDescriptors, 64, 4096);
        OptionReader.powerOfTwoIn("txd", txDescriptors, 64, 4096);
        OptionReader.range("pool", poolSize, LEAST_POOL, LARGEST_POOL);
        OptionReader.range("mtu", mtu, 68, 9710);
        offloads = Set.copyOf(offloads);
    }

    /// One queue each way, 512 descriptors, 4096 buffers to spare, MTU 1500, no receive offload, memory of the
    /// process.
    public static DeviceConfig standard() {
        return new DeviceConfig(
                PacketMemory.standard(), 1, 512, 512, 4096, 1500, Set.of(), RssConfig.standard(), Numa.NO_NODE);
    }

    public DeviceConfig withMemory(PacketMemory memory) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    public DeviceConfig withQueues(int queues) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    public DeviceConfig withDescriptors(int rxDescriptors, int txDescriptors) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    public DeviceConfig withPoolSize(int poolSize) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    public DeviceConfig withMtu(int mtu) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    public DeviceConfig withOffloads(Set<Offload> offloads) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    public DeviceConfig withRss(RssConfig rss) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    public DeviceConfig withNumaNode(int numaNode) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss, numaNode);
    }

    /// The longest frame that an MTU allows: Ethernet header and two VLAN tags, without the check sequence.
    public int maxFrameLength() {
        return mtu + 14 + 8;
    }

    /// This configuration, with what a name's options say.
    ///
    /// @throws DeviceException if a value is not understood or out of range
    DeviceConfig withOptions(DeviceName name) {
        OptionReader given = new OptionReader(name.options());
        return new DeviceConfig(
                memory,
                given.number("queues", queues, 1, 64),
                given.powerOfTwo("rxd", rxDescriptors, 64, 4096),
                given.powerOfTwo("txd", txDescriptors, 64, 4096),
                given.number("pool", poolSize, LEAST_POOL, LARGEST_POOL),
                given.number("mtu", mtu, 68, 9710),
                Set.copyOf(given.someOf("offloads", Offload.class, List.copyOf(offloads))),
                rss,
                numaNode);
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("queues", "receive and send queues, 1 to 64");
        options.put("rxd", "descriptors of each receive ring, a power of two from 64 to 4096");
        options.put("txd", "descriptors of each transmit ring, a power of two from 64 to 4096");
        options.put("pool", "receive buffers of each queue beyond those on its ring, at least 128");
        options.put("mtu", "largest network-layer packet in bytes, 68 to 9710");
        options.put("offloads", "receive offloads, a list of checksum, vlan-strip, rss-hash");
        return java.util.Collections.unmodifiableMap(options);
    }
}
