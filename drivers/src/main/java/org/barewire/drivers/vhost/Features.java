package org.barewire.drivers.vhost;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.Offload;

/// What this back end offers.
final class Features {
    /// Of the protocol.
    static final long PROTOCOL = VhostRequest.PROTOCOL_MQ
            | VhostRequest.PROTOCOL_REPLY_ACK
            | VhostRequest.PROTOCOL_INFLIGHT_SHMFD
            | VhostRequest.PROTOCOL_CONFIGURE_MEM_SLOTS
            | VhostRequest.PROTOCOL_STATUS;

    /// Of rings and of what the driver may be sent. The control queue is the front end's own affair, but it has one
    /// only if the back end lets it.
    private static final long ALWAYS = VhostRequest.F_PROTOCOL_FEATURES
            | VirtioNet.F_VERSION_1
            | VirtioNet.F_ANY_LAYOUT
            | VirtioNet.F_RING_PACKED
            | VirtioNet.F_IN_ORDER
            | VirtioNet.F_EVENT_IDX
            | VirtioNet.F_INDIRECT_DESC
            | VirtioNet.F_MRG_RXBUF
            | VirtioNet.F_MQ
            | VirtioNet.F_CTRL_VQ
            | VirtioNet.F_CTRL_RX
            | VirtioNet.F_GUEST_CSUM
            | VirtioNet.F_GUEST_TSO4
            | VirtioNet.F_GUEST_TSO6;

    private static final long SEGMENTATION = VirtioNet.F_HOST_TSO4 | VirtioNet.F_HOST_TSO6;

    private Features() {}

    /// Drivers may leave checksums to us only if who receives asks for their results.
    ///
    /// @param segmentation whether drivers may also leave segmentation to us
    static long offered(DeviceConfig config, boolean segmentation) {
        boolean checksum = config.offloads().contains(Offload.CHECKSUM);
        return ALWAYS | (checksum ? VirtioNet.F_CSUM : 0) | (checksum && segmentation ? SEGMENTATION : 0);
    }
}
