package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;

/// Shares regions of packet memory with a server, each by its memory file. What a server has been given it can
/// keep mapped; who does not trust it opens its device with a packet memory of its own.
final class RemoteDma implements DmaMapper {
    private final VfioUserSession session;

    RemoteDma(VfioUserSession session) {
        this.session = session;
    }

    @Override
    public void map(Region region) {
        for (Region.Extent extent : region.extents()) {
            ByteBuffer order = VfioUserMessage.payload(VfioUserCommand.DMA_MAP_BYTES);
            order.putInt(VfioUserCommand.DMA_MAP_BYTES);
            order.putInt(VfioUserCommand.DMA_READABLE | VfioUserCommand.DMA_WRITEABLE);
            order.putLong(extent.fileOffset()).putLong(extent.ioAddress()).putLong(extent.length());
            session.request("map packet memory", VfioUserCommand.DMA_MAP, order, 0, region.fd());
        }
    }

    @Override
    public void unmap(Region region) {
        for (Region.Extent extent : region.extents()) {
            if (session.isAlive()) {
                ByteBuffer order = VfioUserMessage.payload(VfioUserCommand.DMA_UNMAP_BYTES);
                order.putInt(VfioUserCommand.DMA_UNMAP_BYTES).putInt(0);
                order.putLong(extent.ioAddress()).putLong(extent.length());
                session.request("unmap packet memory", VfioUserCommand.DMA_UNMAP, order, 0);
            }
        }
    }
}
