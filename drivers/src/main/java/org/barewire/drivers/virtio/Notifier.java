package org.barewire.drivers.virtio;

/// Tells the device that a ring has news for it: an eventfd for vhost-user, a register for PCI.
interface Notifier {
    /// Called on the data path: neither blocks nor allocates.
    void notifyDevice();
}
