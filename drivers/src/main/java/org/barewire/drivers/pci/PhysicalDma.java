package org.barewire.drivers.pci;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// Where no IOMMU translates, there is nothing to be mapped; but addresses must be physical ones, and a page
/// must not become anybody else's while a device may write to it.
final class PhysicalDma implements DmaMapper {
    /// Has `memory` be of the physical layout, if it can still be.
    static void prepare(String address, PacketMemory memory) {
        if (!memory.usePhysicalLayout()) {
            throw new DeviceException(("%s has no IOMMU, so packet memory has to lie at physical addresses, and there"
                            + " is memory that does not. Open this device before all others, or give it a"
                            + " PacketMemory of its own with Layout.PHYSICAL")
                    .formatted(address));
        }
    }

    @Override
    public void map(Region region) {
        Supervisor.hold(region.fd());
    }

    @Override
    public void unmap(Region region) {
        Supervisor.release(region.fd());
    }
}
