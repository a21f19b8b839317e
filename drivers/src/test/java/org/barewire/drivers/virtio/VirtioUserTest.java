package org.barewire.drivers.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.barewire.drivers.peer.Links.awaitReason;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.vhost.VhostMessage;
import org.barewire.drivers.vhost.VhostRequest;
import org.barewire.drivers.vhost.VirtioNet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The port with a vhost-user peer in the same process.
class VirtioUserTest {
    private static final long MODERN = VirtioNet.F_VERSION_1 | VhostRequest.F_PROTOCOL_FEATURES;
    private static final long PROTOCOL = VhostRequest.PROTOCOL_MQ | VhostRequest.PROTOCOL_REPLY_ACK;

    @TempDir
    Path folder;

    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final long[] packets = new long[32];
    private String path = "";

    @BeforeEach
    void name() {
        path = folder.resolve("s").toString();
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void aPeerWithEverythingGetsPackedRings() {
        long all = MODERN | VirtioNet.F_RING_PACKED | VirtioNet.F_IN_ORDER | VirtioNet.F_CSUM | 1L << 45;
        try (FakePeer peer = new FakePeer(path, all, PROTOCOL, 4);
                NetDevice port = open("?ring=packed&queues=2")) {
            peer.serve(4);
            assertThat(peer.accepted()).isEqualTo(all & ~(1L << 45)); // not what nobody knows
            assertThat(peer.regions()).isBetween(2, 8);
            assertThat(peer.ring(0)).isInstanceOf(RingDevice.Packed.class);
            echo(port, peer, 12);
        }
    }

    @Test
    void aLegacyPeerGetsShortHeaders() {
        try (FakePeer peer = new FakePeer(path, VirtioNet.F_ANY_LAYOUT, 0, 1);
                NetDevice port = open("?ring=packed")) { // as far as it has them
            peer.serve(2);
            assertThat(peer.accepted()).isEqualTo(VirtioNet.F_ANY_LAYOUT);
            assertThat(peer.requests()).doesNotContain(VhostRequest.GET_PROTOCOL_FEATURES);
            echo(port, peer, 10);
        }
    }

    @Test
    void aPeerWithTooFewQueuesIsLeftWithTheReason() {
        try (FakePeer peer = new FakePeer(path, MODERN, PROTOCOL, 1);
                NetDevice port = open("?queues=2")) {
            peer.serve(4);
            awaitReason(port, "has 1 queues, and 2 are wanted");
        }
    }

    @Test
    void aPeerThatAnswersSomethingElseIsLeft() {
        try (FakePeer peer = new FakePeer(path, 0, PROTOCOL, 1);
                NetDevice port = open("")) {
            peer.serve(2);
            awaitReason(port, "neither VERSION_1 nor ANY_LAYOUT");
        }
    }

    @Test
    void whenThePeerHangsUpAllBuffersComeBack() {
        try (FakePeer peer = new FakePeer(path, MODERN, PROTOCOL, 1);
                PacketPool pool = PacketPool.create(memory, 256);
                NetDevice port = open("")) {
            for (int round = 0; round < 3; round++) {
                peer.serve(2);
                port.awaitLink(Duration.ofSeconds(10));
                port.rx(0).receive(packets);
                assertThat(port.rx(0).pool().available())
                        .isLessThan(port.rx(0).pool().slots());
                packets[0] = pool.allocateCopy(new byte[60]);
                assertThat(port.tx(0).send(packets, 0, 1)).isEqualTo(1);
                peer.hangUp();
                awaitReason(port, "closed the connection");
                while (pool.available() < pool.slots()) {
                    port.tx(0).reclaim();
                    port.rx(0).receive(packets);
                }
                while (port.rx(0).pool().available() < port.rx(0).pool().slots()) {
                    port.rx(0).receive(packets);
                }
                packets[0] = pool.allocateCopy(new byte[60]);
                assertThat(port.tx(0).sendOrRelease(packets, 1)).isZero(); // unless it is back already, with a ring
            }
        }
    }

    @Test
    void closingStopsEveryRingFirst() {
        try (FakePeer peer = new FakePeer(path, MODERN, PROTOCOL, 1)) {
            try (NetDevice port = open("")) {
                peer.serve(2);
                assertThat(port.awaitLink(Duration.ofSeconds(10))).isTrue();
            }
            assertThat(peer.requests()).endsWith(VhostRequest.GET_VRING_BASE, VhostRequest.GET_VRING_BASE);
        }
    }

    @Test
    void messagesThatNobodyAskedForAreIgnored() {
        try (FakePeer peer = new FakePeer(path, MODERN, 0, 1);
                NetDevice port = open("")) {
            peer.serve(2);
            port.awaitLink(Duration.ofSeconds(10));
            peer.send(VhostMessage.ofLongs(99, 1, 2, 3));
            peer.send(VhostMessage.of(VhostRequest.SET_MEM_TABLE));
            echo(port, peer, 12);
            assertThat(port.link().up()).isTrue();
        }
    }

    @Test
    void morePiecesOfMemoryThanCanBeSharedAreRefused() {
        for (int i = 0; i < 9; i++) {
            memory.add(1);
        }
        assertThatThrownBy(() -> open("").close())
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("can share 8 pieces of memory");
        assertThat(memory.regions()).hasSize(9);
    }

    @Test
    void optionsThatContradictOneAnotherAreRefused() {
        assertThatThrownBy(() -> open("?gso=yes").close()).hasMessageContaining("offloads=checksum");
        assertThatThrownBy(() -> open("?ring=round").close()).hasMessageContaining("split, packed");
        assertThatThrownBy(() -> NetDevice.open("virtio-user:").close()).hasMessageContaining("path of a socket");
    }

    private NetDevice open(String options) {
        DeviceConfig config = DeviceConfig.standard()
                .withMemory(memory)
                .withDescriptors(64, 64)
                .withPoolSize(256);
        return NetDevice.open("virtio-user:" + path + options, config);
    }

    /// Sends a packet to the peer, which sends it back.
    private void echo(NetDevice port, FakePeer peer, int header) {
        assertThat(port.awaitLink(Duration.ofSeconds(10))).isTrue();
        assertThat(port.rx(0).receive(packets)).isZero();
        try (PacketPool pool = PacketPool.create(memory, 64)) {
            byte[] frame = new byte[60];
            frame[59] = 7;
            packets[0] = pool.allocateCopy(frame);
            assertThat(port.tx(0).send(packets, 0, 1)).isEqualTo(1);
            RingDevice.Buffer sent = Objects.requireNonNull(peer.ring(1).take());
            assertThat(sent.length()).isEqualTo(header + 60);
            peer.ring(0).deliver(sent.bytes());
            peer.ring(1).use(sent, 0);
            assertThat(port.rx(0).receive(packets)).isEqualTo(1);
            assertThat(Packet.bytes(packets[0])).isEqualTo(frame);
            Packet.release(packets[0]);
            assertThat(port.tx(0).reclaim()).isZero();
        }
    }
}
