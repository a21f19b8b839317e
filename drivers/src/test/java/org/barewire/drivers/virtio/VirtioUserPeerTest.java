package org.barewire.drivers.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Bursts;
import org.barewire.drivers.peer.Kills;
import org.barewire.drivers.peer.Leaks;
import org.barewire.drivers.peer.Numbered;
import org.barewire.drivers.peer.Testpmd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The port against testpmd's vhost port, which sends back what it receives.
@Tag("peer")
class VirtioUserPeerTest {
    private static final int PACKETS = Integer.getInteger("barewire.peer.packets", 100_000);
    private static final int WINDOW = 200; // less than the smallest ring: the peer drops what finds no buffer

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ring=split&inorder=no",
                "ring=split&inorder=yes",
                "ring=split&inorder=no&mergeable=yes",
                "ring=packed&inorder=no",
                "ring=packed&inorder=yes",
                "ring=packed&mergeable=yes",
                "ring=split&size=256",
                "ring=packed&size=4096",
                "ring=split&mergeable=yes&offloads=checksum&gso=yes",
                "ring=packed&offloads=checksum"
            })
    void whatIsSentComesBackUnchanged(String options) {
        try (Testpmd peer = testpmd(1, 1500, "client=0");
                NetDevice port = open("?" + options)) {
            awaitLink(port);
            exchange(port, 0, PACKETS, 1514);
            assertThat(port.description()).contains(options.contains("packed") ? "packed" : "split");
            assertThat(port.statistics().rxErrors()).isZero();
            assertThat(port.statistics().txErrors()).isZero();
            assertThat(peer.counter(0, "TX-packets")).isGreaterThanOrEqualTo(PACKETS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring=split&mergeable=yes", "ring=packed&mergeable=yes", "ring=split&mergeable=no"})
    void longFramesComeBackInOneOrSeveralBuffers(String options) {
        try (Testpmd peer = testpmd(1, 9000, "client=0");
                NetDevice port = open("?mtu=9000&pool=2048&" + options)) {
            awaitLink(port);
            exchange(port, 0, PACKETS / 4, 9014);
            assertThat(peer.counter(0, "TX-errors")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"split", "packed"})
    void bothOfTwoQueuesWork(String ring) {
        try (Testpmd peer = testpmd(2, 1500, "client=0");
                NetDevice port = open("?queues=2&ring=" + ring)) {
            awaitLink(port);
            exchange(port, 0, PACKETS, 1514);
            exchange(port, 1, PACKETS, 1514);
            assertThat(peer.output()).doesNotContain("error");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring=split", "ring=packed"})
    void aBurstWakesWhoSleeps(String options) {
        try (Testpmd peer = testpmd(1, 1500, "client=0");
                NetDevice port = open("?" + options)) {
            awaitLink(port);
            try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
                awaitEcho(port, 0, pool); // testpmd can send from now on
                port.tx(0).reclaim();
                assertThat(Bursts.awaited(port.rx(0), peer, 20)).isEmpty();
            }
        }
    }

    @Test
    void aPeerThatConnectsIsServed() {
        try (NetDevice port = open("?server=yes");
                Testpmd peer = testpmd(1, 1500, "client=1")) {
            awaitLink(port);
            exchange(port, 0, PACKETS, 1514);
            peer.kill();
            awaitNoLink(port);
            try (Testpmd next = testpmd(1, 1500, "client=1")) {
                awaitLink(port);
                exchange(port, 0, PACKETS, 1514);
                assertThat(next.counter(0, "RX-packets")).isGreaterThanOrEqualTo(PACKETS);
            }
        }
    }

    @Test
    void memoryThatComesLaterIsShared() {
        try (PacketMemory memory = memory();
                Testpmd peer = testpmd(1, 1500, "client=0");
                NetDevice port =
                        NetDevice.open(name(""), DeviceConfig.standard().withMemory(memory))) {
            awaitLink(port);
            for (int i = 0; i < 20; i++) {
                exchange(port, 0, PACKETS / 100, 1514, memory); // with a pool that has just been made
            }
            assertThat(peer.counter(0, "RX-errors")).isZero();
        }
    }

    @Tag("survival")
    @ParameterizedTest
    @ValueSource(strings = {"split", "packed"})
    void nothingIsLeftOfAPeerThatIsKilledInMidTraffic(String ring) {
        try (PacketMemory memory = memory();
                PacketPool pool = PacketPool.create(memory, 1024);
                NetDevice port = NetDevice.open(
                        name("?ring=" + ring), DeviceConfig.standard().withMemory(memory))) {
            meetAndKill(port, pool, 0); // what is made once and stays has been made
            Leaks before = Leaks.now(memory);
            for (int kill = 1; kill <= Kills.COUNT; kill++) {
                meetAndKill(port, pool, kill);
            }
            before.assertNoMore(memory);
        }
    }

    private void meetAndKill(NetDevice port, PacketPool pool, int kill) {
        Numbered packets = new Numbered(pool, Integer.MAX_VALUE, 60, 1514, kill);
        try (Testpmd peer = testpmd(1, 1500, "client=0")) {
            awaitLink(port);
            awaitEcho(port, 0, pool);
            move(port, packets, 2000 + 37 * kill);
            peer.kill();
            for (int i = 0; i < 1000; i++) { // goes on as if nothing had happened
                packets.send(port.tx(0), Integer.MAX_VALUE);
                packets.receive(port.rx(0));
            }
            awaitNoLink(port, packets);
        }
        packets.close();
        assertThat(packets.damage()).isEmpty();
        assertThat(pool.available()).isEqualTo(pool.slots());
        assertThat(port.rx(0).pool().available()).isEqualTo(port.rx(0).pool().slots());
    }

    private static void move(NetDevice port, Numbered packets, int count) {
        long start = System.nanoTime();
        packets.receive(port.rx(0)); // gives the peer buffers
        while (packets.received() < count && System.nanoTime() - start < 20_000_000_000L) {
            packets.send(port.tx(0), WINDOW);
            packets.receive(port.rx(0));
        }
        assertThat(packets.damage()).isEmpty();
        assertThat(packets.received()).isGreaterThanOrEqualTo(count);
    }

    private static void exchange(NetDevice port, int queue, int count, int longest) {
        exchange(port, queue, count, longest, PacketMemory.standard());
    }

    private static void exchange(NetDevice port, int queue, int count, int longest, PacketMemory memory) {
        try (PacketPool pool = PacketPool.create(memory, 1024, longest > 1526 ? 16384 : 2048)) {
            awaitEcho(port, queue, pool);
            Numbered packets = new Numbered(pool, count, 60, longest, count + queue);
            packets.exchange(port.tx(queue), port.rx(queue), longest > 1526 ? 60 : WINDOW);
            assertThat(packets.complaints()).isEmpty();
            while (port.tx(queue).reclaim() > 0) {
                Thread.onSpinWait();
            }
            packets.close();
            assertThat(pool.available()).isEqualTo(pool.slots());
        }
    }

    /// Sends frames until one comes back: testpmd takes frames a little earlier than it can send any.
    @SuppressWarnings("ThreadPriorityCheck") // the peer may need this processor
    private static void awaitEcho(NetDevice port, int queue, PacketPool pool) {
        long start = System.nanoTime();
        long[] packets = new long[32];
        int received = 0;
        while (received == 0 && System.nanoTime() - start < 20_000_000_000L) {
            received = port.rx(queue).receive(packets);
            PacketPool.release(packets, 0, received);
            if (received == 0 && port.tx(queue).reclaim() == 0) {
                packets[0] = pool.allocateCopy(new byte[60]);
                port.tx(queue).sendOrRelease(packets, 1);
                Thread.yield();
            }
        }
        assertThat(received).isPositive();
    }

    private Testpmd testpmd(int queues, int mtu, String options) {
        Path socket = folder.resolve("vhost.sock");
        if (options.equals("client=0")) {
            socket.toFile().delete(); // left by a peer that was killed, and testpmd does not replace it
        }
        String device = "net_vhost0,iface=%s,queues=%d,%s".formatted(socket, queues, options);
        Testpmd peer = Testpmd.start(
                "virtio-test",
                List.of("--vdev", device),
                List.of(
                        "--port-topology=loop",
                        "--rxq=" + queues,
                        "--txq=" + queues,
                        "--max-pkt-len=" + (mtu + 18),
                        "--mbuf-size=" + (mtu > 1500 ? 9600 : 2176),
                        "--no-lsc-interrupt"));
        peer.command("start");
        return peer;
    }

    private NetDevice open(String options) {
        return NetDevice.open(name(options));
    }

    private String name(String options) {
        return "virtio-user:" + folder.resolve("vhost.sock") + options;
    }

    private static PacketMemory memory() {
        return new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE_IF_FREE, Numa.NO_NODE);
    }

    private static void awaitLink(NetDevice port) {
        port.awaitLink(Duration.ofSeconds(20));
        assertThat(port.link().reason()).isEmpty();
    }

    private static void awaitNoLink(NetDevice port) {
        long start = System.nanoTime();
        while (port.link().up() && System.nanoTime() - start < 20_000_000_000L) {
            Thread.onSpinWait();
        }
        assertThat(port.link().up()).isFalse();
    }

    /// Waits until the queues have given back the rings of a peer that is gone.
    private static void awaitNoLink(NetDevice port, Numbered packets) {
        awaitNoLink(port);
        long start = System.nanoTime();
        PacketPool pool = port.rx(0).pool();
        int waiting = 1;
        while ((pool.available() < pool.slots() || waiting > 0) && System.nanoTime() - start < 20_000_000_000L) {
            packets.receive(port.rx(0));
            waiting = port.tx(0).reclaim();
        }
    }
}
