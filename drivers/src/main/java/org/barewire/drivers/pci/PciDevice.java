package org.barewire.drivers.pci;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.DmaMapper;
import org.barewire.drivers.Held;

/// A PCI device in this process's hands: configuration space, registers, DMA, interrupts.
///
/// Control plane: any thread may call, one at a time. What {@link #bar} gives is for the data path too.
public interface PciDevice extends Held, AutoCloseable {
    /// Where it is, as in `0000:03:00.0`, or the socket of the server that plays it.
    String address();

    PciId id();

    /// The NUMA node that it is at, or {@link org.barewire.core.linux.Numa#NO_NODE}.
    int numaNode();

    /// Its configuration space, 256 bytes or 4 KiB.
    PciConfig config();

    /// Base address register `index`, from 0 to 5: the first call maps it. A 64-bit one has the lower of its
    /// two numbers.
    ///
    /// @throws DeviceException if the device has none, or it can't be mapped
    PciBar bar(int index);

    /// Makes packet memory known to the device. Attach it with
    /// {@link org.barewire.core.memory.PacketMemory#attach}.
    DmaMapper dma();

    /// Whether an IOMMU stands between the device and memory, so that {@link #dma} tells addresses to it that
    /// nothing else knows. A device that can go past the IOMMU must not be given such ones.
    default boolean isTranslated() {
        return false;
    }

    /// Whether the machine still has it, as far as the kernel knows. What was pulled out reads as all ones,
    /// in QEMU as zeros.
    default boolean isPresent() {
        return true;
    }

    /// How many interrupts it can raise on their own: its MSI-X vectors, or 1 with MSI or INTx only, or 0.
    int interruptVectors();

    /// Lets the device interrupt: each vector wakes who waits for its event counter. MSI-X if it has that,
    /// else MSI, else INTx.
    ///
    /// @param vectors 1 to {@link #interruptVectors}
    /// @throws DeviceException if the kernel or the device refuses
    Interrupts interrupts(int vectors);

    /// Resets the function (function-level reset, or what the platform has in its place). Configuration space
    /// is restored, registers are not.
    ///
    /// @throws DeviceException if it can't be reset
    void reset();

    /// Lets the device read and write memory by itself, or forbids it. Off until a driver asks for it; off
    /// again before anything is given back.
    void setBusMaster(boolean on);

    /// Takes bus mastering away, unmaps everything, and gives the device back to the kernel driver that it
    /// was taken from. Packet memory has been detached before. Closing twice does nothing.
    @Override
    void close();
}
