package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Child;
import org.barewire.drivers.peer.Leaks;
import org.barewire.drivers.peer.Numbered;
import org.barewire.drivers.peer.Testpmd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Either side is killed in mid-traffic, by SIGKILL, and comes back.
@Tag("peer")
class VhostUserLifePeerTest {
    private static final int LIVES = 100;
    private static final int OF_TESTPMD = 20; // every twentieth is testpmd's
    private static final int POOL = 512;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /// A driver in another language, which keeps both rings full of the same 64 descriptors.
    private static final String DRIVER = """
            import mmap, os, socket, struct, sys

            SIZE, USER, GUEST = 1 << 20, 0x7F0000000000, 0x100000000
            memory_file = os.memfd_create("vhost-life")
            os.ftruncate(memory_file, SIZE)
            memory = mmap.mmap(memory_file, SIZE)
            peer = socket.socket(socket.AF_UNIX)
            peer.connect(sys.argv[1])

            def send(request, layout="", *values, fds=()):
                payload = struct.pack("<" + layout, *values)
                socket.send_fds(peer, [struct.pack("<III", request, 1, len(payload)) + payload], fds)

            send(3)
            send(2, "Q", 1 << 32)
            send(5, "IIQQQQ", 1, 0, GUEST, SIZE, USER, 0, fds=[memory_file])
            for ring in 0, 1:
                base = 0x4000 * ring
                for i in range(64):
                    buffer = GUEST + 0x20000 + 2048 * (64 * ring + i)
                    struct.pack_into("<QIHH", memory, base + 16 * i, buffer, 72 if ring else 2048, 0 if ring else 2, 0)
                    struct.pack_into("<H", memory, base + 0x1004 + 2 * i, i)
                struct.pack_into("<H", memory, base + 0x1002, 64)
                event = os.eventfd(0)
                send(8, "II", ring, 64)
                send(10, "II", ring, 0)
                send(9, "IIQQQQ", ring, 0, USER + base, USER + base + 0x2000, USER + base + 0x1000, 0)
                send(13, "Q", ring, fds=[event])
                send(12, "Q", ring, fds=[event])
            while True:
                for base in 0, 0x4000:
                    used = struct.unpack_from("<H", memory, base + 0x2002)[0]
                    struct.pack_into("<H", memory, base + 0x1002, used + 64 & 0xFFFF)
            """;

    @TempDir
    private Path directory;

    private final long[] packets = new long[32];

    @Test
    void aHundredFrontEndsAreKilledInMidTraffic() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        String socket = directory.resolve("s").toString();
        Path driver = Files.writeString(directory.resolve("driver.py"), DRIVER);
        Leaks before = Leaks.now(PacketMemory.standard());
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), POOL)) {
            DeviceConfig config = DeviceConfig.standard().withPoolSize(POOL);
            try (NetDevice device = NetDevice.open("vhost-user:" + socket, config)) {
                RxQueue rx = device.rx(0);
                TxQueue tx = device.tx(0);
                for (int life = 0; life < LIVES; life++) {
                    int enough = random.nextInt(100, 20_000);
                    if (life % OF_TESTPMD == OF_TESTPMD / 2) {
                        try (Testpmd peer = Testpmd.start(
                                "vhost-life",
                                List.of("--vdev", "net_virtio_user0,path=" + socket),
                                List.of("--forward-mode=flowgen"))) {
                            peer.command("start");
                            outlive(device, rx, tx, pool, enough, peer::kill);
                        }
                    } else {
                        Process peer = new ProcessBuilder("python3", driver.toString(), socket)
                                .inheritIO()
                                .start();
                        outlive(device, rx, tx, pool, enough, peer::destroyForcibly);
                    }
                    assertThat(pool.available()).isEqualTo(POOL);
                    if (life == OF_TESTPMD) { // all that is made once has been made
                        before = Leaks.now(PacketMemory.standard());
                    }
                }
                before.assertNoMore(PacketMemory.standard());
                assertThat(device.statistics().details())
                        .containsEntry("connections", (long) LIVES)
                        .containsEntry("protocol_errors", 0L)
                        .containsEntry("rx_faults", 0L);
                assertThat(device.statistics().txPackets()).isPositive();
                ((VhostRxQueue) rx).closeStock();
                assertThat(rx.pool().available()).isEqualTo(POOL);
            }
        }
    }

    /// Moves packets until the peer is killed, and until that has been noticed.
    private void outlive(NetDevice device, RxQueue rx, TxQueue tx, PacketPool pool, int enough, Runnable kill) {
        assertThat(device.awaitLink(Duration.ofSeconds(30)))
                .as(() -> device.link().reason())
                .isTrue();
        long start = System.nanoTime();
        for (int received = 0; received < enough; ) {
            received += move(rx, tx, pool);
            assertThat(System.nanoTime() - start).as("received %d", received).isLessThan(PATIENCE_NANOS);
        }
        kill.run();
        while (device.link().up()) {
            move(rx, tx, pool);
            assertThat(System.nanoTime() - start).isLessThan(2 * PATIENCE_NANOS);
        }
        assertThat(device.link().reason()).contains("is gone");
    }

    private int move(RxQueue rx, TxQueue tx, PacketPool pool) {
        int made = pool.allocate(packets, 0, packets.length);
        for (int i = 0; i < made; i++) {
            packets[i] |= 60;
        }
        tx.sendOrRelease(packets, made);
        int received = rx.receive(packets);
        PacketPool.release(packets, 0, received);
        return received;
    }

    @Test
    void theDriverGoesOnWithTheNextBarewireWhenOneIsKilled() {
        String socket = directory.resolve("s").toString();
        String name = "vhost-user:%s?client=yes&reconnect=20".formatted(socket);
        List<Child> echoes = new ArrayList<>();
        echoes.add(Child.start(name)); // testpmd waits for it before it begins
        try (Testpmd peer = Testpmd.start(
                "vhost-next",
                List.of("--vdev", "net_virtio_user0,server=1,path=" + socket),
                List.of("--no-flush-rx", "--forward-mode=flowgen"))) {
            assertThat(echoes.getFirst().line()).isEqualTo(Child.OPEN);
            peer.command("start");
            awaitTraffic(peer);
            for (int i = 0; i < 3; i++) {
                echoes.getLast().close();
                echoes.add(Child.start(name));
                assertThat(echoes.getLast().line()).isEqualTo(Child.OPEN);
                awaitTraffic(peer);
            }
            echoes.getLast().close();
            peer.command("stop");
            peer.command("set fwd io");
            peer.command("start");
            try (NetDevice device = NetDevice.open(name);
                    PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
                RxQueue rx = device.rx(0);
                TxQueue tx = device.tx(0);
                assertThat(device.awaitLink(Duration.ofSeconds(30))).isTrue();
                Numbered numbered = new Numbered(pool, 100_000, 60, 1514, 1);
                numbered.exchange(tx, rx, 64);
                assertThat(numbered.complaints()).isEmpty();
            }
        } finally {
            echoes.forEach(Child::close);
        }
    }

    /// Packets go round between testpmd and who echoes them.
    private static void awaitTraffic(Testpmd peer) {
        long before = peer.counter(0, "RX-packets");
        long start = System.nanoTime();
        while (peer.counter(0, "RX-packets") < before + 1_000) {
            assertThat(System.nanoTime() - start).as(peer::output).isLessThan(PATIENCE_NANOS);
        }
    }
}
