package org.barewire.drivers.memif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Numbered;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemifPortTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final DeviceConfig CONFIG =
            DeviceConfig.standard().withDescriptors(64, 64).withPoolSize(512).withMtu(9000);

    @TempDir
    private Path folder;

    private NetDevice open(String options) {
        return NetDevice.open("memif:" + folder.resolve("s") + "?" + options, CONFIG);
    }

    private static void awaitLinks(NetDevice... ports) {
        for (NetDevice port : ports) {
            assertThat(port.awaitLink(PATIENCE)).as(port.link().toString()).isTrue();
        }
    }

    private static void exchange(NetDevice from, NetDevice to, int queue, int longest) {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 512, 16384)) {
            Numbered packets = new Numbered(pool, 3000, 60, longest, 1);
            packets.exchange(from.tx(queue), to.rx(queue), 100);
            assertThat(packets.complaints()).isEmpty();
            for (int spins = 0; from.tx(queue).reclaim() > 0; spins++) {
                assertThat(spins).isLessThan(1_000_000);
                to.rx(queue).receive(new long[1]);
            }
            assertThat(pool.available()).isEqualTo(512);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ring-size=64", "ring-size=64&zero-copy=yes", "ring-size=2&buffer-size=8192", "buffer-size=128"})
    void packetsOfEveryLengthGoBothWays(String client) {
        try (NetDevice server = open("role=server");
                NetDevice other = open(client)) {
            awaitLinks(server, other);
            exchange(other, server, 0, 1514);
            exchange(server, other, 0, 1514);
            if (!client.contains("ring-size=2&")) {
                exchange(other, server, 0, 9014);
                exchange(server, other, 0, 9014);
            }
            assertThat(server.statistics().rxErrors() + server.statistics().txErrors())
                    .isZero();
            assertThat(other.statistics().rxErrors() + other.statistics().txErrors())
                    .isZero();
            assertThat(server.rx(0).pool().available()).isEqualTo(512);
        }
    }

    @Test
    void eachQueueIsOneOfItsOwn() {
        try (NetDevice server = open("role=server&queues=3");
                NetDevice client = open("queues=2&secret=x")) {
            awaitLinks(server, client);
            for (int queue = 0; queue < 2; queue++) {
                exchange(client, server, queue, 1514);
                exchange(server, client, queue, 1514);
            }
            assertThat(server.tx(2).send(new long[0], 0, 0)).isZero();
        }
    }

    @Test
    void anAbstractSocketHasNoFile() {
        try (NetDevice server = NetDevice.open("memif:@memif-test-abstract?role=server", CONFIG);
                NetDevice client = NetDevice.open("memif:@memif-test-abstract", CONFIG)) {
            awaitLinks(server, client);
            exchange(client, server, 0, 1514);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aSocketThatSomebodyListensOnIsListed() {
        try (NetDevice _ = open("role=server")) {
            assertThat(new MemifProvider().available())
                    .filteredOn(device -> device.name().equals("memif:" + folder.resolve("s")))
                    .singleElement()
                    .matches(device -> device.obstacle().isEmpty());
        }
        assertThat(new MemifProvider().available())
                .noneMatch(device -> device.name().contains(folder.toString()));
    }

    @ParameterizedTest
    @CsvSource({"role=server, role=client", "role=client, role=server", "role=client&zero-copy=yes, role=server"})
    void whatWasSentIsReadBeforeTheSenderIsClosed(String from, String to) throws InterruptedException {
        try (NetDevice receiver = open(to);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 128)) {
            RxQueue rx = receiver.rx(0);
            long[] packets = new long[128];
            rx.receive(packets); // gives the sender buffers
            NetDevice sender = open(from);
            awaitLinks(receiver, sender);
            rx.receive(packets);
            for (int i = 0; i < 64; i++) {
                packets[i] = pool.allocateCopy(new byte[60]);
            }
            assertThat(sender.tx(0).sendOrRelease(packets, 64)).isEqualTo(64);
            Thread closing = Thread.ofPlatform().start(sender::close);
            int received = 0;
            while (received < 64 && receiver.link().up()) {
                int n = rx.receive(packets);
                PacketPool.release(packets, 0, n);
                received += n;
            }
            closing.join();
            assertThat(received).isEqualTo(64);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-copy=no", "zero-copy=yes"})
    void eitherSideMayComeBack(String mode) throws IOException {
        try (NetDevice server = open("role=server")) {
            long before = 0;
            for (int round = 0; round < 20; round++) {
                try (NetDevice client = open(mode)) {
                    awaitLinks(server, client);
                    exchange(client, server, 0, 1514);
                    exchange(server, client, 0, 1514);
                }
                while (server.link().up()) {
                    Thread.onSpinWait();
                }
                assertThat(server.link().reason()).isEqualTo("the other side says: this side is being closed");
                assertThat(server.rx(0).pool().available()).isEqualTo(512);
                if (round == 3) {
                    before = openFiles();
                }
            }
            assertThat(openFiles()).as("descriptors, where none leaks").isLessThanOrEqualTo(before);
        }
        try (NetDevice client = open(mode)) {
            for (int round = 0; round < 5; round++) {
                try (NetDevice server = open("role=server")) {
                    awaitLinks(server, client);
                    exchange(client, server, 0, 1514);
                }
            }
            assertThat(client.statistics().details()).containsEntry("connections", 5L);
        }
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    @Test
    void packetsOnTheirWayAreGivenBackWhenTheOtherSideGoes() {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 64);
                NetDevice client = open("zero-copy=yes")) {
            try (NetDevice server = open("role=server")) {
                awaitLinks(server, client);
                long[] packets = new long[64];
                for (int i = 0; i < packets.length; i++) {
                    packets[i] = pool.allocateCopy(new byte[60]);
                }
                assertThat(client.tx(0).send(packets, 0, 64)).isEqualTo(64);
                assertThat(client.tx(0).reclaim()).isEqualTo(64);
            }
            while (client.link().up()) {
                Thread.onSpinWait();
            }
            assertThat(pool.available()).isEqualTo(64);
            assertThat(client.tx(0).reclaim()).isZero();
            long[] late = {pool.allocateCopy(new byte[60])};
            assertThat(client.tx(0).send(late, 0, 1))
                    .as("taken without a connection")
                    .isZero();
            assertThat(client.tx(0).sendOrRelease(late, 1)).isZero();
            assertThat(client.tx(0).statistics().dropped()).isEqualTo(1);
        }
    }

    @Test
    void whatMayNotBeConnectedIsToldWhy() {
        try (NetDevice server = open("role=server&id=1&secret=right")) {
            for (String[] wrong : new String[][] {
                {"id=2&secret=right", "the other side wants interface 2, and this is interface 1"},
                {"id=1&secret=wrong", "the other side does not know the secret"},
                {"id=1", "the other side does not know the secret"}
            }) {
                try (NetDevice client = open(wrong[0])) {
                    while (!client.link().reason().startsWith("the other side says: ")) {
                        Thread.onSpinWait();
                    }
                    assertThat(client.link().reason()).isEqualTo("the other side says: " + wrong[1]);
                    assertThat(server.link().reason()).isEqualTo(wrong[1]);
                }
            }
            try (NetDevice client = open("id=1&secret=right")) {
                awaitLinks(server, client);
            }
        }
    }

    @Test
    void framesBeyondTheMtuAreDroppedAndCounted() {
        try (NetDevice server = open("role=server");
                NetDevice client = NetDevice.open("memif:" + folder.resolve("s"), CONFIG.withMtu(1500));
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 8, 4096)) {
            awaitLinks(server, client);
            long[] packets = {
                pool.allocateCopy(new byte[1522]), pool.allocateCopy(new byte[1523]), pool.allocateCopy(new byte[0])
            };
            assertThat(client.tx(0).send(packets, 0, 3)).isEqualTo(3);
            assertThat(client.tx(0).statistics().packets()).isEqualTo(1);
            assertThat(client.statistics().details())
                    .containsEntry("tx_too_long", 1L)
                    .containsEntry("tx_empty", 1L);
            assertThat(pool.available()).isEqualTo(8);
        }
    }

    @Test
    void whatCannotBeOpenedIsExplained() {
        assertThatThrownBy(() -> open("role=server&zero-copy=yes"))
                .isInstanceOf(DeviceException.class)
                .hasMessageEndingWith("zero-copy is for the client, whose memory it is; the server always copies");
        assertThatThrownBy(() -> NetDevice.open("memif:" + folder.resolve("none/s") + "?role=server"))
                .hasMessageContaining("cannot be opened: listen on socket");
        assertThatThrownBy(() -> NetDevice.open("memif:"))
                .hasMessage("memif: names no socket: one is needed, like memif:/run/memif.sock");
        try (NetDevice client = open("id=1")) {
            while (client.link().reason().startsWith("nobody has")) {
                Thread.onSpinWait();
            }
            assertThat(client.link().reason()).startsWith("nobody listens there: connect to socket ");
        }
    }
}
