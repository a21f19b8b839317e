package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Bursts;
import org.barewire.drivers.peer.Numbered;
import org.barewire.drivers.peer.Testpmd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// DPDK's virtio-user driver, plugged into vhost-user: numbered packets go to testpmd and come back.
@Tag("peer")
class VhostUserPeerTest {
    private static final int COUNT = 100_000;
    private static final int WINDOW = 200; // less than a ring, so that testpmd never has to drop

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mrg_rxbuf=0",
                "mrg_rxbuf=1",
                "mrg_rxbuf=0,in_order=1",
                "mrg_rxbuf=1,in_order=1",
                "packed_vq=1,mrg_rxbuf=0",
                "packed_vq=1,mrg_rxbuf=1",
                "packed_vq=1,mrg_rxbuf=0,in_order=1",
                "packed_vq=1,mrg_rxbuf=1,in_order=1"
            })
    void everyPacketComesBackUnchanged(String ring) {
        try (NetDevice device = NetDevice.open("vhost-user:" + socket());
                Testpmd peer = testpmd("ring", ring, List.of())) {
            peer.command("start");
            assertThat(exchange(device, 0, 1514)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mrg_rxbuf=1", "packed_vq=1,mrg_rxbuf=1"})
    void jumboFramesAreSpreadOverBuffers(String ring) {
        try (NetDevice device = NetDevice.open("vhost-user:%s?mtu=9000".formatted(socket()));
                Testpmd peer = testpmd(
                        "jumbo", ring, List.of("--max-pkt-len=9018", "--enable-scatter", "--tx-offloads=0x8000"))) {
            peer.command("start");
            assertThat(exchange(device, 0, 9014)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"queues=2", "packed_vq=1,queues=2"})
    void eachOfTwoQueuesCarriesItsOwnPackets(String ring) {
        try (NetDevice device = NetDevice.open("vhost-user:%s?queues=2".formatted(socket()));
                Testpmd peer = testpmd("queues", ring, List.of("--rxq=2", "--txq=2"))) {
            peer.command("start");
            assertThat(exchange(device, 0, 1514)).isEmpty();
            assertThat(exchange(device, 1, 1514)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mrg_rxbuf=1", "packed_vq=1,mrg_rxbuf=1"})
    void aBurstWakesWhoSleeps(String ring) {
        try (NetDevice device = NetDevice.open("vhost-user:" + socket());
                Testpmd peer = testpmd("sleep", ring, List.of())) {
            RxQueue rx = device.rx(0);
            peer.command("start");
            assertThat(device.awaitLink(Duration.ofSeconds(30))).isTrue();
            assertThat(Bursts.awaited(rx, peer, 20)).isEmpty();
        }
    }

    @Test
    void aDriverThatListensIsConnectedTo() {
        try (NetDevice device = NetDevice.open("vhost-user:%s?client=yes&reconnect=50".formatted(socket()));
                Testpmd peer = testpmd("server", "server=1", List.of())) {
            peer.command("start");
            assertThat(exchange(device, 0, 1514)).isEmpty();
        }
    }

    /// Starts it so that it forwards whatever comes, also what has come before it was told to start.
    private Testpmd testpmd(String prefix, String ring, List<String> options) {
        List<String> all = new ArrayList<>(options);
        all.add("--no-flush-rx");
        return Testpmd.start(
                "vhost-" + prefix, List.of("--vdev", "net_virtio_user0,path=%s,%s".formatted(socket(), ring)), all);
    }

    private String socket() {
        return directory.resolve("socket").toString();
    }

    private static String exchange(NetDevice device, int queue, int longest) {
        RxQueue rx = device.rx(queue);
        TxQueue tx = device.tx(queue);
        assertThat(device.awaitLink(Duration.ofSeconds(30)))
                .as(device.link().reason())
                .isTrue();
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024, 16384)) {
            Numbered packets = new Numbered(pool, COUNT, 60, longest, 1);
            packets.exchange(tx, rx, longest > 1514 ? 32 : WINDOW);
            return packets.complaints();
        }
    }
}
