package org.barewire.drivers.afxdp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.NetNamespace;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Udp;
import org.barewire.drivers.peer.NetNs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The kernel at the far end of a veth pair, and beside the port on the same interface.
@Tag("peer")
class AfxdpKernelTest {
    private final long[] packets = new long[64];

    /// Carries packets between two ports until it is stopped.
    private static void forward(NetDevice one, NetDevice other, AtomicBoolean stop) {
        long[] packets = new long[64];
        RxQueue[] rx = {one.rx(0), other.rx(0)};
        TxQueue[] tx = {other.tx(0), one.tx(0)};
        while (!stop.get()) {
            for (int way = 0; way < 2; way++) {
                tx[way].sendOrRelease(packets, rx[way].receive(packets));
            }
        }
        tx[0].reclaim();
        tx[1].reclaim();
    }

    @Test
    void pingAndTcpCrossAForwarder() throws Exception {
        try (NetNs left = NetNs.create("afxdp-fwd-l");
                NetNs middle = NetNs.create("afxdp-fwd-m");
                NetNs right = NetNs.create("afxdp-fwd-r")) {
            left.veth("port", middle, "west");
            right.veth("port", middle, "east");
            left.address("port", "10.78.0.1/24");
            right.address("port", "10.78.0.2/24");
            left.run("ethtool", "-K", "port", "tx", "off");
            right.run("ethtool", "-K", "port", "tx", "off");
            try (NetDevice west = NetDevice.open("afxdp:west?netns=afxdp-fwd-m");
                    NetDevice east = NetDevice.open("afxdp:east?netns=afxdp-fwd-m")) {
                AtomicBoolean stop = new AtomicBoolean();
                Thread thread = Thread.ofPlatform().start(() -> forward(west, east, stop));
                try {
                    assertThat(left.run("ping", "-q", "-c", "500", "-i", "0.002", "-s", "1400", "10.78.0.2"))
                            .contains(" 0% packet loss");
                    right.start("iperf3", "-s", "-1");
                    left.run("sh", "-c", "until iperf3 -c 10.78.0.2 -t 2 --connect-timeout 1000; do sleep 0.1; done");
                } finally {
                    stop.set(true);
                    thread.join();
                }
                assertThat(west.statistics().details().get("tx_copied")).isZero();
                assertThat(east.statistics().details().get("tx_copied")).isZero();
            }
        }
    }

    @Test
    void tcpdumpSeesWhatIsSent(@TempDir java.nio.file.Path folder) throws Exception {
        String file = folder.resolve("seen.pcap").toString();
        try (Veth veth = Veth.create("tcpdump");
                NetDevice left = veth.openLeft("");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 64)) {
            Process tcpdump = veth.right()
                    .start("tcpdump", "-Z", "root", "-i", "port1", "-w", file, "-c", "100", "ether", "proto", "0x88b5");
            TxQueue tx = left.tx(0);
            for (int i = 0; tcpdump.isAlive(); i++) { // it says nowhere when it is ready
                long packet = Packet.resize(pool.allocate(), 60);
                Ethernet.setDestination(packet, 0xFFFF_FFFF_FFFFL);
                Ethernet.setSource(packet, 0x0200_0000_0001L);
                Ethernet.setType(packet, 0x88B5);
                Packet.setInt(packet, 14, i);
                tx.sendOrRelease(new long[] {packet}, 1);
                tcpdump.waitFor(java.time.Duration.ofMillis(5));
            }
            assertThat(NetNs.command("tcpdump", "-nr", file).lines().filter(line -> line.contains("88b5")))
                    .hasSize(100);
        }
    }

    private static DatagramSocket socket(NetNs namespace, int port) {
        return NetNamespace.call(namespace.name(), () -> {
            try {
                return new DatagramSocket(port);
            } catch (SocketException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void send(DatagramSocket from, String to, int port) throws IOException {
        byte[] text = "to port %d".formatted(port).getBytes(UTF_8);
        from.send(new DatagramPacket(text, text.length, new InetSocketAddress(InetAddress.getByName(to), port)));
    }

    /// Receives one packet, however long it takes.
    private long one(RxQueue rx) {
        for (int i = 0; i < 10_000_000; i++) {
            if (rx.receive(packets, 0, 1) == 1) {
                return packets[0];
            }
        }
        throw new AssertionError("nothing came");
    }

    @Test
    void whatDoesNotMatchStaysTheKernels() throws Exception {
        try (Veth veth = Veth.create("match").withAddresses();
                NetDevice right = veth.openRight("&match=udp/53");
                DatagramSocket sender = socket(veth.left(), 0);
                DatagramSocket kernels = socket(veth.right(), 54)) {
            RxQueue rx = right.rx(0);
            for (String address : new String[] {"10.77.0.2", "fd77::2"}) {
                assertThat(veth.left().run("ping", "-c", "20", "-i", "0.01", address))
                        .contains(" 0% packet loss");
                send(sender, address, 53);
                long packet = one(rx);
                long headers = Headers.parse(packet);
                assertThat(Headers.isUdp(headers)).isTrue();
                assertThat(Udp.destinationPort(packet, Headers.transportOffset(headers)))
                        .isEqualTo(53);
                assertThat(Checksum.isTransportValid(packet, headers)).isTrue();
                Packet.release(packet);
                send(sender, address, 54);
                DatagramPacket received = new DatagramPacket(new byte[64], 64);
                kernels.setSoTimeout(10_000);
                kernels.receive(received);
                assertThat(new String(received.getData(), 0, received.getLength(), UTF_8))
                        .isEqualTo("to port 54");
            }
            assertThat(rx.receive(packets)).isZero();
            assertThat(right.statistics().rxPackets()).isEqualTo(2);
        }
    }

    @Test
    void packetsBehindAVlanTagMatch() {
        try (Veth veth = Veth.create("vlan");
                NetDevice left = veth.openLeft("");
                NetDevice right = veth.openRight("&match=udp/53");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 64)) {
            RxQueue rx = right.rx(0);
            long[] out = new long[3];
            for (int i = 0; i < out.length; i++) { // to ports 52, 53 and 54
                out[i] = pool.allocateCopy(FrameBuilder.ethernet()
                        .vlan(7)
                        .ipv6("fd77::1", "fd77::2")
                        .udp(1, 52 + i)
                        .payload(i)
                        .build());
            }
            assertThat(left.tx(0).send(out, 0, out.length)).isEqualTo(out.length);
            long packet = one(rx);
            long headers = Headers.parse(packet);
            assertThat(Headers.vlanTags(headers)).isEqualTo(1);
            assertThat(Udp.destinationPort(packet, Headers.transportOffset(headers)))
                    .isEqualTo(53);
            Packet.release(packet);
            assertThat(rx.receive(packets)).isZero();
        }
    }

    @Test
    void aFragmentedDatagramReachesTheKernelWhole() throws Exception {
        try (Veth veth = Veth.create("fragment").withAddresses();
                NetDevice right = veth.openRight("&match=udp/54");
                DatagramSocket sender = socket(veth.left(), 0);
                DatagramSocket kernels = socket(veth.right(), 54)) {
            RxQueue rx = right.rx(0);
            byte[] large = new byte[5000];
            sender.send(new DatagramPacket(large, large.length, InetAddress.getByName("10.77.0.2"), 54));
            DatagramPacket received = new DatagramPacket(new byte[6000], 6000);
            kernels.setSoTimeout(10_000);
            kernels.receive(received);
            assertThat(received.getLength()).isEqualTo(5000);
            assertThat(rx.receive(packets)).isZero();
        }
    }
}
