/// Drivers for network cards and for the interfaces of kernels and hypervisors.
@org.jspecify.annotations.NullMarked
module org.barewire.drivers {
    requires static transitive org.jspecify;
    requires transitive org.barewire.core;

    exports org.barewire.drivers.afpacket;
    exports org.barewire.drivers.afxdp;
    exports org.barewire.drivers.ixgbe;
    exports org.barewire.drivers.pcap;
    exports org.barewire.drivers.pci;
    exports org.barewire.drivers.tap;
    exports org.barewire.drivers.vhost;

    uses org.barewire.drivers.pci.PciDriver;

    provides org.barewire.core.device.DeviceProvider with
            org.barewire.drivers.afpacket.AfPacketProvider,
            org.barewire.drivers.afxdp.AfxdpProvider,
            org.barewire.drivers.memif.MemifProvider,
            org.barewire.drivers.nothing.NothingProvider,
            org.barewire.drivers.pcap.PcapProvider,
            org.barewire.drivers.tap.TapProvider,
            org.barewire.drivers.vhost.VhostUserProvider,
            org.barewire.drivers.virtio.VirtioUserProvider;
}
