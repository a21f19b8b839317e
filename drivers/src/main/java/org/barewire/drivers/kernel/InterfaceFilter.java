package org.barewire.drivers.kernel;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.PacketMembership;
import org.barewire.core.linux.PacketMembership.Kind;
import org.barewire.core.packet.MacAddress;

/// Which frames an interface of the kernel lets in for a port, beyond those that it lets in anyway. All of it
/// is taken back when this is closed or the process ends in whatever way. Any thread may call, one at a time.
public final class InterfaceFilter implements AutoCloseable {
    private final PacketMembership membership;
    private final MacAddress own;
    private final Set<MacAddress> multicast = new HashSet<>();
    private MacAddress address;
    private boolean promiscuous;
    private boolean allMulticast;

    /// Of an interface of the calling thread's network namespace.
    ///
    /// @param own the interface's address
    public InterfaceFilter(int interfaceIndex, MacAddress own) {
        this.membership = PacketMembership.open(interfaceIndex);
        this.own = own;
        this.address = own;
    }

    /// The interface's address, or the one that was set instead.
    public MacAddress address() {
        return address;
    }

    /// Lets frames for another address in. The interface keeps its own, which the kernel goes on using.
    ///
    /// @throws DeviceException if it is not an address of one interface
    public void setAddress(MacAddress changed) {
        if (changed.isMulticast() || changed.isZero()) {
            throw new DeviceException("%s is not an address of one interface".formatted(changed));
        }
        if (!changed.equals(own)) {
            membership.add(Kind.UNICAST, changed.bits());
        }
        if (!address.equals(own)) {
            membership.drop(Kind.UNICAST, address.bits());
        }
        address = changed;
    }

    public void setPromiscuous(boolean on) {
        if (on != promiscuous) {
            ask(Kind.PROMISCUOUS, 0, on);
            promiscuous = on;
        }
    }

    public void setAllMulticast(boolean on) {
        if (on != allMulticast) {
            ask(Kind.ALL_MULTICAST, 0, on);
            allMulticast = on;
        }
    }

    /// Lets these groups in, instead of those set before.
    public void setMulticast(Collection<MacAddress> groups) {
        Set<MacAddress> wanted = Set.copyOf(groups);
        for (MacAddress group : wanted) {
            if (multicast.add(group)) {
                ask(Kind.MULTICAST, group.bits(), true);
            }
        }
        for (MacAddress group : Set.copyOf(multicast)) {
            if (!wanted.contains(group)) {
                ask(Kind.MULTICAST, group.bits(), false);
                multicast.remove(group);
            }
        }
    }

    private void ask(Kind kind, long bits, boolean on) {
        if (on) {
            membership.add(kind, bits);
        } else {
            membership.drop(kind, bits);
        }
    }

    @Override
    public void close() {
        membership.close();
    }
}
