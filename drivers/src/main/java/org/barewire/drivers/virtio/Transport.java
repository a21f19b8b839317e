package org.barewire.drivers.virtio;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/// How a driver sets up a virtio device on PCI: status, features, queues, configuration (virtio 1.2, section
/// 4.1). Errors do not name the device; who calls does.
abstract class Transport {
    /// Device status (2.1).
    static final int ACKNOWLEDGE = 1;

    static final int DRIVER = 1 << 1;
    static final int DRIVER_OK = 1 << 2;
    static final int FEATURES_OK = 1 << 3;
    static final int NEEDS_RESET = 1 << 6;

    private static final int GONE = 0xFF; // what is read of a device that isn't there, and no status
    private static final long RESET_NANOS = 5_000_000_000L;

    /// The modern way if the device has it, transitional or not; else the legacy one.
    static Transport of(PciDevice device) {
        Transport modern = ModernTransport.find(device);
        return modern == null ? new LegacyTransport(device) : modern;
    }

    /// As in `modern`.
    abstract String kind();

    /// The features that the device has.
    abstract long offered();

    /// Tells the device which features it is to use.
    abstract void accept(long features);

    abstract int status();

    abstract void setStatus(int status);

    /// Descriptors of a queue's ring: at most `wanted` where the driver may choose; 0 if there is no such queue.
    abstract int ringSize(int queue, int wanted);

    /// How far what the device writes must be from the beginning of a ring.
    abstract int alignment();

    /// Has the device interrupt for a queue by an MSI-X vector, which is enabled already. Before {@link #start}.
    ///
    /// @throws DeviceException if the device has no room for that
    abstract void setVector(int queue, int vector);

    /// Hands a ring to the device.
    abstract void start(int queue, RingLayout ring);

    /// What tells the device that a ring that was started has news. For the data path.
    abstract Notifier notifier(int queue);

    /// The network device's configuration (5.1.4).
    abstract Window config();

    /// A number that changes when the configuration does; the same all the time if there is none.
    abstract int generation();

    /// Whether the driver may write its address to the configuration (5.1.4.3).
    abstract boolean isAddressWritable();

    /// A device without room for a vector answers with none (4.1.5.1.2).
    final void checkVector(int queue, int vector, int answer) {
        if (answer != vector) {
            throw new DeviceException("the device can't interrupt by vector %d for queue %d".formatted(vector, queue));
        }
    }

    final void addStatus(int bits) {
        setStatus(status() | bits);
    }

    /// Makes the device forget everything: it does not touch memory any more when this returns (2.4).
    final void reset() {
        setStatus(0);
        if (!Registers.await(() -> status() == 0 || status() == GONE, RESET_NANOS)) {
            throw new DeviceException("the device does not finish its reset: status is 0x%x".formatted(status()));
        }
    }

    /// Why the device does not work, or null if it does.
    final @Nullable String failure() {
        int status = status();
        if (status == GONE) {
            return "the device is gone: it has been unplugged, or its memory is not accessible";
        }
        return (status & NEEDS_RESET) == 0
                ? null
                : "the device has met an error that it can't go on after; close it and open it again";
    }

    /// @throws DeviceException if the device does not work
    final void check() {
        String failure = failure();
        if (failure != null) {
            throw new DeviceException(failure);
        }
    }
}
