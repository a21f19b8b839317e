package org.barewire.core.memory;

/// Makes packet memory known to a device, or to its IOMMU, so that it may read and write it.
///
/// Called on whichever control-plane thread adds or removes a region, never twice at once.
public interface DmaMapper {
    /// The device may access `region` from now on.
    void map(Region region);

    /// The device may not access `region` any more. It has stopped doing so when this returns.
    void unmap(Region region);
}
