package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.F_ANY_LAYOUT;
import static org.barewire.drivers.vhost.VirtioNet.F_CSUM;
import static org.barewire.drivers.vhost.VirtioNet.F_EVENT_IDX;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_CSUM;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_TSO4;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_TSO6;
import static org.barewire.drivers.vhost.VirtioNet.F_HOST_TSO4;
import static org.barewire.drivers.vhost.VirtioNet.F_HOST_TSO6;
import static org.barewire.drivers.vhost.VirtioNet.F_INDIRECT_DESC;
import static org.barewire.drivers.vhost.VirtioNet.F_IN_ORDER;
import static org.barewire.drivers.vhost.VirtioNet.F_MQ;
import static org.barewire.drivers.vhost.VirtioNet.F_MRG_RXBUF;
import static org.barewire.drivers.vhost.VirtioNet.F_RING_PACKED;
import static org.barewire.drivers.vhost.VirtioNet.F_VERSION_1;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.Offload;
import org.barewire.core.device.OptionReader;

/// What the options of a name say of the rings, whoever is the device.
///
/// @param rxSize    descriptors of a receive ring
/// @param txSize    descriptors of a send ring
/// @param ring      the kind of ring that is asked for
/// @param mergeable ask for packets that fill several buffers
/// @param inOrder   ask for a device that uses buffers in order
/// @param longPackets ask for TCP packets that have not been cut into segments
record VirtioOptions(int rxSize, int txSize, Ring ring, boolean mergeable, boolean inOrder, boolean longPackets) {
    enum Ring {
        SPLIT,
        PACKED
    }

    static final Map<String, String> OPTIONS = options();

    static VirtioOptions parse(OptionReader given, DeviceConfig config) {
        boolean longPackets = given.flag("gso", false);
        boolean mergeable = given.flag("mergeable", config.mtu() > 1500 || longPackets);
        if (longPackets && !(mergeable && config.offloads().contains(Offload.CHECKSUM))) {
            throw new DeviceException("gso=yes also needs mergeable=yes and offloads=checksum");
        }
        return new VirtioOptions(
                given.powerOfTwo("size", config.rxDescriptors(), 64, 4096),
                given.powerOfTwo("size", config.txDescriptors(), 64, 4096),
                given.oneOf("ring", Ring.SPLIT),
                mergeable,
                given.flag("inorder", true),
                longPackets);
    }

    /// The features of the rings and the packets to ask for; the device may have fewer.
    long wanted(DeviceConfig config) {
        long wanted = F_VERSION_1 | F_ANY_LAYOUT | F_INDIRECT_DESC | F_EVENT_IDX | F_CSUM | F_HOST_TSO4 | F_HOST_TSO6;
        wanted |= ring == Ring.PACKED ? F_RING_PACKED : 0;
        wanted |= mergeable ? F_MRG_RXBUF : 0;
        wanted |= inOrder ? F_IN_ORDER : 0;
        wanted |= config.queues() > 1 ? F_MQ : 0;
        wanted |= config.offloads().contains(Offload.CHECKSUM) ? F_GUEST_CSUM : 0;
        wanted |= longPackets ? F_GUEST_TSO4 | F_GUEST_TSO6 : 0;
        return wanted;
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("ring", "split or packed, the kind of ring to ask for; split is what every device has");
        options.put("size", "descriptors of each ring, a power of two from 64 to 4096; in place of rxd and txd");
        options.put("mergeable", "yes or no, packets may fill several buffers; yes if the MTU is above 1500");
        options.put("inorder", "yes or no, ask for buffers to be used in order; yes");
        options.put("gso", "yes or no, receive TCP packets that have not been cut into segments; no");
        return java.util.Collections.unmodifiableMap(options);
    }
}
