package org.barewire.drivers.virtio;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/// A device of virtio 1.0 or later: vendor capabilities say where its structures lie (4.1.4).
final class ModernTransport extends Transport {
    /// What a capability is of (4.1.4), and where that is said in it.
    private static final int COMMON = 1;

    private static final int NOTIFY = 2;
    private static final int DEVICE = 4;
    private static final int CAPABILITY_TYPE = 3;
    private static final int CAPABILITY_BAR = 4;
    private static final int CAPABILITY_OFFSET = 8;
    private static final int CAPABILITY_LENGTH = 12;
    private static final int NOTIFY_MULTIPLIER = 16;
    private static final int BARS = 6;

    /// Common configuration structure (4.1.4.3).
    private static final int DEVICE_FEATURE_SELECT = 0;

    private static final int DEVICE_FEATURE = 4;
    private static final int DRIVER_FEATURE_SELECT = 8;
    private static final int DRIVER_FEATURE = 12;
    private static final int NUM_QUEUES = 18;
    private static final int DEVICE_STATUS = 20;
    private static final int CONFIG_GENERATION = 21;
    private static final int QUEUE_SELECT = 22;
    private static final int QUEUE_SIZE = 24;
    private static final int QUEUE_MSIX_VECTOR = 26;
    private static final int QUEUE_ENABLE = 28;
    private static final int QUEUE_NOTIFY_OFF = 30;
    private static final int QUEUE_DESC = 32;
    private static final int QUEUE_DRIVER = 40;
    private static final int QUEUE_DEVICE = 48;
    private static final int COMMON_LENGTH = 56;

    private final Window common;
    private final Window notify;
    private final Window config;
    private final int multiplier;

    private ModernTransport(Window common, Window notify, Window config, int multiplier) {
        this.common = common;
        this.notify = notify;
        this.config = config;
        this.multiplier = multiplier;
    }

    /// Null if the device has no such structures.
    static @Nullable ModernTransport find(PciDevice device) {
        int notify = capability(device.config(), NOTIFY);
        Window common = window(device, capability(device.config(), COMMON), COMMON_LENGTH);
        Window notifications = window(device, notify, 2);
        Window config = window(device, capability(device.config(), DEVICE), NetConfig.LEAST_LENGTH);
        return common == null || notifications == null || config == null
                ? null
                : new ModernTransport(
                        common, notifications, config, device.config().read32(notify + NOTIFY_MULTIPLIER));
    }

    /// The first one of a type is the one that the device would rather have used; reserved numbers of base
    /// address registers are passed over (4.1.4.1).
    private static int capability(PciConfig config, int type) {
        return config.capability(
                PciConfig.CAPABILITY_VENDOR,
                at -> config.read8(at + CAPABILITY_TYPE) == type && config.read8(at + CAPABILITY_BAR) < BARS);
    }

    private static @Nullable Window window(PciDevice device, int capability, int least) {
        if (capability == 0) {
            return null;
        }
        int bar = device.config().read8(capability + CAPABILITY_BAR);
        long offset = Integer.toUnsignedLong(device.config().read32(capability + CAPABILITY_OFFSET));
        long length = Integer.toUnsignedLong(device.config().read32(capability + CAPABILITY_LENGTH));
        if (length < least || offset + length > Math.min(device.bar(bar).size(), Integer.MAX_VALUE)) {
            throw new DeviceException("the device says that %d bytes at 0x%x of BAR %d are a structure, which can't be"
                    .formatted(length, offset, bar));
        }
        return new Window(device.bar(bar), (int) offset, (int) length);
    }

    @Override
    String kind() {
        return "modern";
    }

    @Override
    long offered() {
        common.write32(DEVICE_FEATURE_SELECT, 0);
        long low = Integer.toUnsignedLong(common.read32(DEVICE_FEATURE));
        common.write32(DEVICE_FEATURE_SELECT, 1);
        return low | (long) common.read32(DEVICE_FEATURE) << 32;
    }

    /// The device may refuse a combination (3.1.1, steps 5 and 6).
    @Override
    void accept(long features) {
        common.write32(DRIVER_FEATURE_SELECT, 0);
        common.write32(DRIVER_FEATURE, (int) features);
        common.write32(DRIVER_FEATURE_SELECT, 1);
        common.write32(DRIVER_FEATURE, (int) (features >>> 32));
        addStatus(FEATURES_OK);
        if ((status() & FEATURES_OK) == 0) {
            throw new DeviceException("the device does not work with features 0x%x of the 0x%x that it has"
                    .formatted(features, offered()));
        }
    }

    @Override
    int status() {
        return common.read8(DEVICE_STATUS);
    }

    @Override
    void setStatus(int status) {
        common.write8(DEVICE_STATUS, status);
    }

    @Override
    int ringSize(int queue, int wanted) {
        if (queue >= common.read16(NUM_QUEUES)) {
            return 0;
        }
        common.write16(QUEUE_SELECT, queue);
        return Integer.highestOneBit(Math.min(common.read16(QUEUE_SIZE), wanted));
    }

    @Override
    int alignment() {
        return RingLayout.APART;
    }

    @Override
    void setVector(int queue, int vector) {
        common.write16(QUEUE_SELECT, queue);
        common.write16(QUEUE_MSIX_VECTOR, vector);
        checkVector(queue, vector, common.read16(QUEUE_MSIX_VECTOR));
    }

    @Override
    void start(int queue, RingLayout ring) {
        common.write16(QUEUE_SELECT, queue);
        common.write16(QUEUE_SIZE, ring.size());
        writeAddress(QUEUE_DESC, ring.descriptors());
        writeAddress(QUEUE_DRIVER, ring.driver());
        writeAddress(QUEUE_DEVICE, ring.device());
        common.write16(QUEUE_ENABLE, 1);
    }

    /// Two accesses of 32 bits, which every device takes (4.1.3.1).
    private void writeAddress(int register, long address) {
        long io = PacketMemory.ioAddress(address);
        common.write32(register, (int) io);
        common.write32(register + 4, (int) (io >>> 32));
    }

    @Override
    Notifier notifier(int queue) {
        common.write16(QUEUE_SELECT, queue);
        long at = (long) common.read16(QUEUE_NOTIFY_OFF) * Integer.toUnsignedLong(multiplier);
        if (at + 2 > notify.length()) {
            throw new DeviceException("the device says that queue %d is notified at 0x%x of 0x%x bytes"
                    .formatted(queue, at, notify.length()));
        }
        int offset = (int) at;
        return () -> notify.write16(offset, queue);
    }

    @Override
    Window config() {
        return config;
    }

    @Override
    int generation() {
        return common.read8(CONFIG_GENERATION);
    }

    @Override
    boolean isAddressWritable() {
        return false;
    }
}
