package org.barewire.drivers.virtio;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;

/// The memory that a model can reach.
final class ModelMemory implements DmaMapper {
    private final List<Region> mapped = new ArrayList<>();

    @Override
    public void map(Region region) {
        mapped.add(region);
    }

    @Override
    public void unmap(Region region) {
        mapped.remove(region);
    }

    boolean has(long address, int bytes) {
        return mapped.stream()
                .flatMap(region -> region.extents().stream())
                .anyMatch(extent -> extent.contains(address, bytes));
    }

    List<Region> mapped() {
        return mapped;
    }
}
