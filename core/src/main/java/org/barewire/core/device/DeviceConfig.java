package org.barewire.core.device;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.barewire.core.memory.PacketMemory;

/// How a device is opened. Start from {@link #standard} and change what matters.
///
/// @param memory        packet memory that rings and receive buffers come from
/// @param queues        receive queues and send queues, as many of each
/// @param rxDescriptors slots of each receive ring: a power of two
/// @param txDescriptors slots of each transmit ring: a power of two
/// @param poolSize      receive buffers of each receive queue, on the ring or under way
/// @param mtu           largest network-layer packet in bytes; above 1500 packets may arrive in several
///     segments
/// @param offloads      what receive queues leave to the device
/// @param rss           how packets are spread over the receive queues
public record DeviceConfig(
        PacketMemory memory,
        int queues,
        int rxDescriptors,
        int txDescriptors,
        int poolSize,
        int mtu,
        Set<Offload> offloads,
        RssConfig rss) {
    /// The options of these that a device name can give, and what each does.
    public static final Map<String, String> OPTIONS = options();

    public DeviceConfig {
        range("queues", queues, 1, 64);
        powerOfTwo("rxd", rxDescriptors);
        powerOfTwo("txd", txDescriptors);
        range("pool", poolSize, 1, 1 << 20);
        range("mtu", mtu, 68, 9710);
        offloads = Set.copyOf(offloads);
        if (poolSize < rxDescriptors) {
            throw new DeviceException(
                    "pool=%d is less than the %d buffers of the receive ring".formatted(poolSize, rxDescriptors));
        }
    }

    /// One queue each way, 512 descriptors, 4096 buffers, MTU 1500, no receive offload, memory of the
    /// process.
    public static DeviceConfig standard() {
        return new DeviceConfig(PacketMemory.standard(), 1, 512, 512, 4096, 1500, Set.of(), RssConfig.standard());
    }

    public DeviceConfig withMemory(PacketMemory memory) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss);
    }

    public DeviceConfig withQueues(int queues) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss);
    }

    public DeviceConfig withDescriptors(int rxDescriptors, int txDescriptors) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss);
    }

    public DeviceConfig withPoolSize(int poolSize) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss);
    }

    public DeviceConfig withMtu(int mtu) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss);
    }

    public DeviceConfig withOffloads(Set<Offload> offloads) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss);
    }

    public DeviceConfig withRss(RssConfig rss) {
        return new DeviceConfig(memory, queues, rxDescriptors, txDescriptors, poolSize, mtu, offloads, rss);
    }

    /// The longest frame that an MTU allows: Ethernet header and two VLAN tags, without the check sequence.
    public int maxFrameLength() {
        return mtu + 14 + 8;
    }

    /// This configuration, with what a name's options say.
    ///
    /// @throws DeviceException if a value is not understood or out of range
    DeviceConfig withOptions(DeviceName name) {
        Map<String, String> given = name.options();
        return new DeviceConfig(
                memory,
                number(given, "queues", queues),
                number(given, "rxd", rxDescriptors),
                number(given, "txd", txDescriptors),
                number(given, "pool", poolSize),
                number(given, "mtu", mtu),
                given.containsKey("offloads") ? offloads(given.getOrDefault("offloads", "")) : offloads,
                rss);
    }

    private static int number(Map<String, String> given, String key, int otherwise) {
        String value = given.get(key);
        if (value == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new DeviceException("%s=%s: a whole number is needed".formatted(key, value), e);
        }
    }

    private static Set<Offload> offloads(String list) {
        Set<Offload> offloads = EnumSet.noneOf(Offload.class);
        for (String word : list.split(",", -1)) {
            try {
                offloads.add(Offload.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_')));
            } catch (IllegalArgumentException e) {
                throw new DeviceException(
                        "offloads=%s: checksum, vlan-strip and rss-hash are known".formatted(list), e);
            }
        }
        return offloads;
    }

    private static void range(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new DeviceException("%s=%d: from %d to %d is possible".formatted(what, value, least, most));
        }
    }

    private static void powerOfTwo(String what, int value) {
        if (value < 64 || value > 4096 || Integer.bitCount(value) != 1) {
            throw new DeviceException("%s=%d: a power of two from 64 to 4096 is possible".formatted(what, value));
        }
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("queues", "receive and send queues, 1 to 64");
        options.put("rxd", "descriptors of each receive ring, a power of two from 64 to 4096");
        options.put("txd", "descriptors of each transmit ring, a power of two from 64 to 4096");
        options.put("pool", "receive buffers of each queue");
        options.put("mtu", "largest network-layer packet in bytes, 68 to 9710");
        options.put("offloads", "receive offloads, a list of checksum, vlan-strip, rss-hash");
        return java.util.Collections.unmodifiableMap(options);
    }
}
