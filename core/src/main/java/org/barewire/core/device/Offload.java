package org.barewire.core.device;

/// Work that a receive queue leaves to the device. The results are in the packet's {@link
/// org.barewire.core.packet.Metadata}, which costs a cache line per packet; so none is on unless it is asked
/// for. Send offloads need no switch: a packet's metadata asks for them.
public enum Offload {
    /// The device checks IPv4, TCP, UDP and SCTP checksums.
    CHECKSUM,
    /// The device takes VLAN tags out.
    VLAN_STRIP,
    /// The RSS hash is handed over. RSS itself is on whenever there is more than one receive queue.
    RSS_HASH
}
