package org.barewire.drivers.igb;

import java.util.Collection;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.packet.MacAddress;

/// What a physical function does by its registers and a virtual one by asking for it.
interface Nic {
    /// Brings the device from any state to one in which queues can be started.
    void bringUp();

    /// Lets frames in, or no more.
    void setReceiving(boolean on);

    MacAddress address();

    void setAddress(MacAddress address);

    /// Receives, beside what the filters let pass, all multicast frames, or all frames at all.
    void setPromiscuous(boolean multicast, boolean all);

    void setMulticast(Collection<MacAddress> addresses);

    LinkState link();

    void blink(boolean on);

    /// Reads the device's counters and returns their sums.
    ///
    /// @param txErrors packets that the send queues could not send, which the device never sees
    DeviceStatistics statistics(long txErrors);

    /// Leaves the device quiet: no DMA, no interrupt, others told.
    void shutDown();
}
