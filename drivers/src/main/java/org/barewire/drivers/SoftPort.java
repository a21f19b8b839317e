package org.barewire.drivers;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.UUID;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/// A device that is software only: it has no address filter, so whatever is sent to it is received, and its
/// own address is for others to know.
///
/// Closing reads the statistics a last time and then, once, calls {@link #release}.
public abstract class SoftPort extends Port {
    private MacAddress address;
    private @Nullable DeviceStatistics last; // once closed

    /// A port with the address that {@link #localAddress} makes of its name.
    protected SoftPort(String name, int mtu) {
        this(name, mtu, localAddress(name));
    }

    protected SoftPort(String name, int mtu, MacAddress address) {
        super(name, mtu);
        this.address = address;
    }

    /// A locally administered unicast address (IEEE 802, 8.4) that is always the same for a name, and almost
    /// certainly another one for another name.
    public static MacAddress localAddress(String name) {
        long hash =
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).getMostSignificantBits();
        return new MacAddress(0x0200_0000_0000L | hash >>> 24);
    }

    @Override
    public final synchronized MacAddress macAddress() {
        return address;
    }

    @Override
    public synchronized void setMacAddress(MacAddress address) {
        if (address.isMulticast()) {
            throw new DeviceException("%s: %s is the address of a group, not of one device".formatted(name(), address));
        }
        this.address = address;
    }

    /// Does nothing: everything is received anyway.
    @Override
    public final void setPromiscuous(boolean on) {}

    /// Does nothing: everything is received anyway.
    @Override
    public final void setAllMulticast(boolean on) {}

    /// Does nothing: everything is received anyway.
    @Override
    public final void setMulticast(Collection<MacAddress> addresses) {}

    @Override
    public final synchronized DeviceStatistics statistics() {
        return last == null ? readStatistics() : last;
    }

    @Override
    public final void close() {
        synchronized (this) {
            if (last != null) {
                return;
            }
            last = readStatistics();
        }
        release();
    }

    /// What has been counted so far; called with the lock held while the device is open.
    protected abstract DeviceStatistics readStatistics();

    /// Gives back everything that the device has. Called once, without the lock.
    protected abstract void release();

    @Override
    protected final synchronized boolean isClosed() {
        return last != null;
    }
}
