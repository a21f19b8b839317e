package org.barewire.drivers.pci;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.barewire.core.linux.SystemFiles;

/// A network interface of the kernel, as sysfs shows it.
///
/// @param state        the operational state, as in `up` or `lowerlayerdown`; empty if it isn't known
/// @param megabits     speed in Mbit/s, or -1 if it isn't known
/// @param enabled      it was switched on, whether or not it has a link
/// @param master       the bridge, bond or the like that it belongs to, or empty
/// @param addresses    with prefix lengths, as in `192.0.2.7/24`; link-local ones, which every interface has,
///     not among them
/// @param defaultRoute a default route leads through it
public record KernelInterface(
        String name,
        String state,
        long megabits,
        boolean enabled,
        String master,
        List<String> addresses,
        boolean defaultRoute) {
    private static final int IFF_UP = 1;

    /// @param folder       of the interface, relative to the root
    /// @param addresses    an interface's addresses by its name
    /// @param defaultRoutes the interfaces that default routes lead through
    static KernelInterface read(
            SystemFiles files,
            String folder,
            String name,
            Function<String, List<String>> addresses,
            Set<String> defaultRoutes) {
        long flags = files.hex(folder + "/flags");
        return new KernelInterface(
                name,
                files.line(folder + "/operstate"),
                Math.max(-1, files.number(folder + "/speed", -1)),
                flags >= 0 && (flags & IFF_UP) != 0,
                files.linkName(folder + "/master"),
                addresses.apply(name),
                defaultRoutes.contains(name));
    }

    /// What an interface's addresses are on this machine; sysfs doesn't have them.
    public static List<String> addressesOf(String name) {
        try {
            NetworkInterface found = NetworkInterface.getByName(name);
            return found == null
                    ? List.of()
                    : found.getInterfaceAddresses().stream()
                            .filter(a -> !a.getAddress().isLinkLocalAddress())
                            .map(KernelInterface::text)
                            .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }

    private static String text(InterfaceAddress address) {
        InetAddress ip = address.getAddress();
        String host = ip.getHostAddress();
        int zone = host.indexOf('%');
        return (zone < 0 ? host : host.substring(0, zone)) + "/" + address.getNetworkPrefixLength();
    }

    /// Why the interface's card must not be taken from the kernel; empty if nothing speaks against it.
    ///
    /// @param withCure whether to say what changes that: not where it would cost an address and help nothing
    List<String> uses(boolean withCure) {
        List<String> uses = new ArrayList<>();
        if (defaultRoute) {
            uses.add("in use: the default route leads through interface " + name
                    + (withCure ? ". Move it: sudo ip route replace default via GATEWAY dev OTHER" : ""));
        }
        for (String address : addresses) {
            uses.add("in use: interface %s has %s".formatted(name, address)
                    + (withCure ? ". Remove it: sudo ip address delete %s dev %s".formatted(address, name) : ""));
        }
        if (!master.isEmpty()) {
            uses.add("in use: interface %s is part of %s".formatted(name, master)
                    + (withCure ? ". Take it out: sudo ip link set %s nomaster".formatted(name) : ""));
        }
        return uses;
    }

    /// As in `eth0 up, 10000 Mbit/s, 192.0.2.7/24, default route`.
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(name + " " + (state.isEmpty() || state.equals("unknown") ? enabled ? "enabled" : "disabled" : state));
        if (megabits > 0) {
            parts.add(megabits + " Mbit/s");
        }
        parts.addAll(addresses);
        if (!master.isEmpty()) {
            parts.add("part of " + master);
        }
        if (defaultRoute) {
            parts.add("default route");
        }
        return String.join(", ", parts);
    }
}
