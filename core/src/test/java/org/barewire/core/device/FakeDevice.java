package org.barewire.core.device;

import java.util.Collection;
import java.util.Map;
import org.barewire.core.packet.MacAddress;

/// A device that is no more than a queue each way, and whose link comes up when it has been asked for a few
/// times.
final class FakeDevice implements NetDevice {
    int asksUntilUp;
    private final FakeQueues queues;

    FakeDevice(FakeQueues queues) {
        this.queues = queues;
    }

    @Override
    public RxQueue rx(int index) {
        return queues;
    }

    @Override
    public TxQueue tx(int index) {
        return queues;
    }

    @Override
    public LinkState link() {
        return asksUntilUp-- > 0 ? LinkState.down("not yet") : LinkState.up(0);
    }

    @Override
    public String name() {
        return "fake:";
    }

    @Override
    public String description() {
        return "a fake device";
    }

    @Override
    public int rxQueues() {
        return 1;
    }

    @Override
    public int txQueues() {
        return 1;
    }

    @Override
    public MacAddress macAddress() {
        return new MacAddress(0x02_00_00_00_00_01L);
    }

    @Override
    public void setMacAddress(MacAddress address) {}

    @Override
    public void setPromiscuous(boolean on) {}

    @Override
    public void setAllMulticast(boolean on) {}

    @Override
    public void setMulticast(Collection<MacAddress> addresses) {}

    @Override
    public int mtu() {
        return 1500;
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(0, 0, 0, 0, 0, 0, 0, Map.of());
    }

    @Override
    public void close() {}
}
