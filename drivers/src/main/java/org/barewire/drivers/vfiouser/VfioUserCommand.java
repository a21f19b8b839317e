package org.barewire.drivers.vfiouser;

/// The numbers of vfio-user: commands, regions, interrupts and flags ("vfio-user Protocol Specification";
/// `linux/vfio.h`, from which regions and interrupts are taken over).
public final class VfioUserCommand {
    // commands
    public static final int VERSION = 1;
    public static final int DMA_MAP = 2;
    public static final int DMA_UNMAP = 3;
    public static final int DEVICE_GET_INFO = 4;
    public static final int DEVICE_GET_REGION_INFO = 5;
    public static final int DEVICE_GET_IRQ_INFO = 7;
    public static final int DEVICE_SET_IRQS = 8;
    public static final int REGION_READ = 9;
    public static final int REGION_WRITE = 10;
    public static final int DEVICE_RESET = 13;

    // the version that both ends of Barewire speak, and that QEMU proposes
    public static final int MAJOR = 0;
    public static final int MINOR = 0;

    // flags of DMA_MAP
    public static final int DMA_READABLE = 1;
    public static final int DMA_WRITEABLE = 1 << 1;

    // flags of DEVICE_GET_INFO
    public static final int DEVICE_RESETTABLE = 1;
    public static final int DEVICE_PCI = 1 << 1;

    // regions: BARs have their own numbers
    public static final int BARS = 6;
    public static final int REGION_CONFIG = 7;
    public static final int REGIONS = 9;

    // flags of DEVICE_GET_REGION_INFO
    public static final int REGION_READABLE = 1;
    public static final int REGION_WRITEABLE = 1 << 1;

    // interrupts
    public static final int IRQ_INTX = 0;
    public static final int IRQ_MSI = 1;
    public static final int IRQ_MSIX = 2;
    public static final int IRQS = 5;

    // flags of DEVICE_GET_IRQ_INFO
    public static final int IRQ_EVENTFD = 1;
    public static final int IRQ_MASKABLE = 1 << 1;
    public static final int IRQ_AUTOMASKED = 1 << 2;
    public static final int IRQ_NORESIZE = 1 << 3;

    // flags of DEVICE_SET_IRQS: what the message carries, and what is to be done with it
    public static final int DATA_NONE = 1;
    public static final int DATA_BOOL = 1 << 1;
    public static final int DATA_EVENTFD = 1 << 2;
    public static final int ACTION_MASK = 1 << 3;
    public static final int ACTION_UNMASK = 1 << 4;
    public static final int ACTION_TRIGGER = 1 << 5;

    // bytes of payloads, as far as they are fixed
    public static final int DMA_MAP_BYTES = 32;
    public static final int DMA_UNMAP_BYTES = 24;
    public static final int DEVICE_INFO_BYTES = 16;
    public static final int REGION_INFO_BYTES = 32;
    public static final int IRQ_INFO_BYTES = 16;
    public static final int SET_IRQS_BYTES = 20;
    /// Of REGION_READ and REGION_WRITE: `u64 offset, u32 region, u32 count`, then the data.
    public static final int REGION_ACCESS_BYTES = 16;

    private VfioUserCommand() {}
}
