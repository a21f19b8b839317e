package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Numa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DmaMapperTest {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);

    /// Remembers what is mapped; fails when it is to map more than `limit` regions.
    private static final class Device implements DmaMapper {
        final List<Region> mapped = new ArrayList<>();
        private final int limit;

        Device(int limit) {
            this.limit = limit;
        }

        @Override
        public void map(Region region) {
            if (mapped.size() == limit) {
                throw new IllegalStateException("the IOMMU is full");
            }
            mapped.add(region);
        }

        @Override
        public void unmap(Region region) {
            assertThat(mapped.remove(region)).as("was mapped").isTrue();
            Memory.getByte(region.address()); // still there
        }
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void anAttachedDeviceKnowsTheRegionsThatAreThereAndThatCome() {
        Device device = new Device(9);
        Region first = memory.add(1);
        memory.attach(device);
        assertThat(device.mapped).containsExactly(first);
        Region second = memory.add(1);
        assertThat(device.mapped).containsExactly(first, second);
        memory.remove(first);
        assertThat(device.mapped).containsExactly(second);
    }

    @Test
    void aDetachedDeviceKnowsNoRegion() {
        Device device = new Device(9);
        memory.add(1);
        memory.attach(device);
        memory.detach(device);
        assertThat(device.mapped).isEmpty();
        memory.add(1);
        assertThat(device.mapped).isEmpty();
        memory.detach(device);
    }

    @Test
    void aDeviceThatCannotMapAllRegionsIsNotAttached() {
        memory.add(1);
        memory.add(1);
        Device device = new Device(1);
        assertThatThrownBy(() -> memory.attach(device)).hasMessage("the IOMMU is full");
        assertThat(device.mapped).isEmpty();
        memory.add(1);
        assertThat(device.mapped).isEmpty();
    }

    @Test
    void aRegionThatADeviceCannotMapIsNotAdded() {
        Device first = new Device(9);
        Device second = new Device(1);
        memory.attach(first);
        memory.attach(second);
        Region region = memory.add(1);
        assertThatThrownBy(() -> memory.add(1)).hasMessage("the IOMMU is full");
        assertThat(memory.regions()).containsExactly(region);
        assertThat(first.mapped).containsExactly(region);
        assertThat(second.mapped).containsExactly(region);
    }

    @Test
    void closingUnmapsAllFromDevices() {
        Device device = new Device(9);
        memory.attach(device);
        memory.add(1);
        memory.add(1);
        memory.close();
        assertThat(device.mapped).isEmpty();
    }
}
