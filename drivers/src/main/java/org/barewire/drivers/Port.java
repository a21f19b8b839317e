package org.barewire.drivers;

import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;

/// What drivers' devices have in common: a name, an MTU, and what they refuse.
public abstract class Port implements NetDevice {
    private final String name;
    private final int mtu;

    /// @param name that it was opened by
    protected Port(String name, int mtu) {
        this.name = name;
        this.mtu = mtu;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final int mtu() {
        return mtu;
    }

    /// Whether it has been closed, or is being closed.
    protected abstract boolean isClosed();

    /// Refuses what takes an open device.
    protected final void checkOpen() {
        if (isClosed()) {
            throw new DeviceException(name + " is closed");
        }
    }

    /// The index, if there are more than `index` queues.
    protected final int checkQueue(int index, int queues) {
        if (index < 0 || index >= queues) {
            throw new DeviceException("%s has queues 0 to %d, not %d; open it with ?queues=%d"
                    .formatted(name, queues - 1, index, index + 1));
        }
        return index;
    }
}
