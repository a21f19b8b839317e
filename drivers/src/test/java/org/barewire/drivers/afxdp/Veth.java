package org.barewire.drivers.afxdp;

import org.barewire.core.device.NetDevice;
import org.barewire.drivers.peer.NetNs;

/// Two namespaces and a pair of veth interfaces between them: `port0` on the left, `port1` on the right.
record Veth(NetNs left, NetNs right) implements AutoCloseable {
    /// @param test a word of the test's own, for the namespaces' names
    static Veth create(String test) {
        NetNs left = NetNs.create("afxdp-%s-l".formatted(test));
        try {
            NetNs right = NetNs.create("afxdp-%s-r".formatted(test));
            Veth veth = new Veth(left, right);
            try {
                left.veth("port0", right, "port1");
                return veth;
            } catch (AssertionError e) {
                veth.close();
                throw e;
            }
        } catch (AssertionError e) {
            left.close();
            throw e;
        }
    }

    /// With several queues on both sides.
    Veth withQueues(int queues) {
        left.run("ethtool", "-L", "port0", "rx", String.valueOf(queues), "tx", String.valueOf(queues));
        right.run("ethtool", "-L", "port1", "rx", String.valueOf(queues), "tx", String.valueOf(queues));
        return this;
    }

    Veth withMtu(int mtu) {
        left.run("ip", "link", "set", "port0", "mtu", String.valueOf(mtu));
        right.run("ip", "link", "set", "port1", "mtu", String.valueOf(mtu));
        return this;
    }

    /// Gives the ends 10.77.0.1 and 10.77.0.2, fd77::1 and fd77::2, and has all checksums computed in software.
    Veth withAddresses() {
        prepare(left, "port0", 1);
        prepare(right, "port1", 2);
        return this;
    }

    private static void prepare(NetNs side, String port, int number) {
        side.run("sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=0".formatted(port));
        side.run("sysctl", "-qw", "net.ipv6.conf.%s.accept_dad=0".formatted(port));
        side.address(port, "10.77.0.%d/24".formatted(number));
        side.address(port, "fd77::%d/64".formatted(number));
        side.run("ethtool", "-K", port, "tx", "off", "txvlan", "off");
    }

    NetDevice openLeft(String options) {
        return NetDevice.open("afxdp:port0?netns=%s%s".formatted(left.name(), options));
    }

    NetDevice openRight(String options) {
        return NetDevice.open("afxdp:port1?netns=%s%s".formatted(right.name(), options));
    }

    @Override
    public void close() {
        try (left) {
            right.close();
        }
    }
}
