package org.barewire.drivers.virtio;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.pci.PciBar;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;

/// A device from before virtio 1.0: registers at the beginning of BAR 0, rings in one piece at the number of a
/// page, sizes that the device sets (4.1.4.10). Everything is in the byte order of the processor.
final class LegacyTransport extends Transport {
    private static final int DEVICE_FEATURES = 0;
    private static final int DRIVER_FEATURES = 4;
    private static final int QUEUE_ADDRESS = 8;
    private static final int QUEUE_SIZE = 12;
    private static final int QUEUE_SELECT = 14;
    private static final int QUEUE_NOTIFY = 16;
    private static final int DEVICE_STATUS = 18;
    private static final int CONFIG = 20;
    private static final int QUEUE_VECTOR = 22; // with MSI-X only
    private static final int CONFIG_WITH_MSIX = 24;
    private static final int PAGE_SHIFT = 12;

    private static final int MSIX_CONTROL = 2; // of PCI's capability
    private static final int MSIX_ENABLE = 1 << 15;

    private final PciConfig pci;
    private final PciBar registers;

    LegacyTransport(PciDevice device) {
        this.pci = device.config();
        this.registers = device.bar(0);
        if (registers.size() < CONFIG_WITH_MSIX + NetConfig.LEAST_LENGTH) {
            throw new DeviceException(
                    "BAR 0 has %d bytes, too few for a legacy virtio device".formatted(registers.size()));
        }
    }

    @Override
    String kind() {
        return "legacy";
    }

    @Override
    long offered() {
        return Integer.toUnsignedLong(registers.read32(DEVICE_FEATURES));
    }

    @Override
    void accept(long features) {
        registers.write32(DRIVER_FEATURES, (int) features);
    }

    @Override
    int status() {
        return registers.read8(DEVICE_STATUS);
    }

    @Override
    void setStatus(int status) {
        registers.write8(DEVICE_STATUS, status);
    }

    @Override
    int ringSize(int queue, int wanted) {
        registers.write16(QUEUE_SELECT, queue);
        int size = registers.read16(QUEUE_SIZE);
        if (Integer.bitCount(size) > 1) {
            throw new DeviceException("the device says that queue %d has %d descriptors, which is no power of two"
                    .formatted(queue, size));
        }
        return size;
    }

    @Override
    int alignment() {
        return RingLayout.LEGACY_ALIGNMENT;
    }

    @Override
    void setVector(int queue, int vector) {
        registers.write16(QUEUE_SELECT, queue);
        registers.write16(QUEUE_VECTOR, vector);
        checkVector(queue, vector, registers.read16(QUEUE_VECTOR));
    }

    @Override
    void start(int queue, RingLayout ring) {
        long page = PacketMemory.ioAddress(ring.descriptors()) >>> PAGE_SHIFT;
        if (page >>> 32 != 0) {
            throw new DeviceException("the ring at 0x%x is out of a legacy device's reach"
                    .formatted(PacketMemory.ioAddress(ring.descriptors())));
        }
        registers.write16(QUEUE_SELECT, queue);
        registers.write32(QUEUE_ADDRESS, (int) page);
    }

    @Override
    Notifier notifier(int queue) {
        return () -> registers.write16(QUEUE_NOTIFY, queue);
    }

    /// It moves when MSI-X is enabled, whose two registers come first.
    @Override
    Window config() {
        int msix = pci.capability(PciConfig.CAPABILITY_MSIX);
        boolean enabled = msix != 0 && (pci.read16(msix + MSIX_CONTROL) & MSIX_ENABLE) != 0;
        int offset = enabled ? CONFIG_WITH_MSIX : CONFIG;
        return new Window(registers, offset, (int) registers.size() - offset);
    }

    @Override
    int generation() {
        return 0;
    }

    @Override
    boolean isAddressWritable() {
        return true;
    }
}
