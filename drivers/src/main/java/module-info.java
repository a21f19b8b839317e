/// Drivers for network cards and for the interfaces of kernels and hypervisors.
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // those that use its helpers are compiled after it
module org.barewire.drivers {
    requires static transitive org.jspecify;
    requires transitive org.barewire.core;

    exports org.barewire.drivers to
            org.barewire.cli,
            org.barewire.sim;
    exports org.barewire.drivers.afpacket;
    exports org.barewire.drivers.afxdp;
    exports org.barewire.drivers.ixgbe;
    exports org.barewire.drivers.pcap;
    exports org.barewire.drivers.pci;
    exports org.barewire.drivers.tap;
    exports org.barewire.drivers.vfiouser;
    exports org.barewire.drivers.vhost;
    exports org.barewire.drivers.virtio;

    uses org.barewire.drivers.pci.PciDriver;

    provides org.barewire.drivers.pci.PciDriver with
            org.barewire.drivers.igb.IgbDriver,
            org.barewire.drivers.ixgbe.IxgbeDriver,
            org.barewire.drivers.virtio.VirtioPciDriver;
    provides org.barewire.core.device.DeviceProvider with
            org.barewire.drivers.afpacket.AfPacketProvider,
            org.barewire.drivers.afxdp.AfxdpProvider,
            org.barewire.drivers.memif.MemifProvider,
            org.barewire.drivers.nothing.NothingProvider,
            org.barewire.drivers.pcap.PcapProvider,
            org.barewire.drivers.pci.PciProvider,
            org.barewire.drivers.tap.TapProvider,
            org.barewire.drivers.vfiouser.VfioUserProvider,
            org.barewire.drivers.vhost.VhostUserProvider,
            org.barewire.drivers.virtio.VirtioUserProvider;
}
