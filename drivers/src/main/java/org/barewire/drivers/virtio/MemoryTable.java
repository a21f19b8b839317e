package org.barewire.drivers.virtio;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Region;
import org.barewire.drivers.vhost.VhostMessage;
import org.barewire.drivers.vhost.VhostRequest;

/// The regions of packet memory as a vhost-user peer is told of them. Not synchronized.
///
/// Guest addresses are io addresses, user addresses our own: the peer needs both to differ from its own
/// anyway.
final class MemoryTable {
    private final List<Region> regions = new ArrayList<>();

    /// @throws DeviceException if the peer can't be told of that many; nothing has changed then
    void add(Region region) {
        int extents = region.extents().size()
                + regions.stream().mapToInt(r -> r.extents().size()).sum();
        if (extents > VhostMessage.MAX_REGIONS) {
            throw new DeviceException(("a vhost-user peer can share %d pieces of memory, and %d are needed."
                            + " Open the port with fewer queues, or in a PacketMemory of its own with layout LINEAR")
                    .formatted(VhostMessage.MAX_REGIONS, extents));
        }
        regions.add(region);
    }

    void remove(Region region) {
        regions.remove(region);
    }

    /// The message that shares all of it.
    VhostMessage message() {
        List<Long> words = new ArrayList<>(List.of(0L));
        List<Integer> fds = new ArrayList<>();
        for (Region region : regions) {
            for (Region.Extent extent : region.extents()) {
                words.addAll(List.of(extent.ioAddress(), extent.length(), extent.address(), extent.fileOffset()));
                fds.add(region.fd());
            }
        }
        words.set(0, (long) fds.size());
        long[] payload = words.stream().mapToLong(Long::longValue).toArray();
        return VhostMessage.ofBytes(
                VhostRequest.SET_MEM_TABLE,
                VhostMessage.ofLongs(VhostRequest.SET_MEM_TABLE, payload).payload(),
                fds.stream().mapToInt(Integer::intValue).toArray());
    }
}
