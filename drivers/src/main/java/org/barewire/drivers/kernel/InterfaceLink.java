package org.barewire.drivers.kernel;

import org.barewire.core.device.LinkState;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.NetInterface;

/// What an interface of the kernel says of its link.
public final class InterfaceLink {
    private InterfaceLink() {}

    /// The link of an interface that was opened under an index.
    ///
    /// @param bitsPerSecond its speed, or 0 if it has none
    public static LinkState of(NetInterface port, int index, long bitsPerSecond) {
        try {
            int flags = port.flags();
            if (port.index() != index) {
                return LinkState.removed("the interface has gone, and another has its name now");
            }
            if ((flags & NetInterface.UP) == 0) {
                return LinkState.down("the interface is down: 'ip link set %s up'".formatted(port.name()));
            }
            return (flags & NetInterface.RUNNING) == 0
                    ? LinkState.down("the interface has no carrier")
                    : LinkState.up(bitsPerSecond);
        } catch (LinuxException e) {
            return LinkState.removed("the interface has gone");
        }
    }
}
