package org.barewire.drivers.ixgbe;

import java.util.Map;
import java.util.Optional;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.Undo;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.PciDriver;
import org.barewire.drivers.pci.PciId;
import org.jspecify.annotations.Nullable;

/// Opens ixgbe's devices on the PCI bus.
public final class IxgbeDriver implements PciDriver {
    private static final int REGISTERS = 0; // BAR 0 (9.3.6.1)

    /// For {@link java.util.ServiceLoader}.
    public IxgbeDriver() {}

    @Override
    public String name() {
        return "ixgbe";
    }

    @Override
    public boolean drives(PciId id) {
        return find(id).isPresent();
    }

    @Override
    public String model(PciId id) {
        return "Intel " + find(id).orElseThrow();
    }

    private static Optional<IxgbeModel> find(PciId id) {
        return id.vendor() == IxgbeModel.VENDOR_ID ? IxgbeModel.of(id.device()) : Optional.empty();
    }

    @Override
    public NetDevice open(String name, PciDevice device, DeviceConfig config, Map<String, String> options) {
        IxgbeModel model = find(device.id()).orElseThrow();
        try (Undo undo = new Undo()) {
            undo.add(device::close);
            Registers registers = device.bar(REGISTERS).registers();
            device.setBusMaster(true);
            Interrupts interrupts = interrupts(device, config.queues());
            undo.forget(); // Ixgbe closes both from here on
            return Ixgbe.open(name, model, registers, device.dma(), interrupts, config, device);
        }
    }

    /// A vector for each queue and one for the link, or null where the device can't have them: without VFIO,
    /// for example.
    private static @Nullable Interrupts interrupts(PciDevice device, int queues) {
        boolean msix = device.config().capability(PciConfig.CAPABILITY_MSIX) != 0;
        return msix && device.interruptVectors() >= queues
                ? device.interrupts(Math.min(queues + 1, device.interruptVectors()))
                : null;
    }
}
