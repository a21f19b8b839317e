package org.barewire.drivers.memif;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Bursts;
import org.barewire.drivers.peer.Kills;
import org.barewire.drivers.peer.Leaks;
import org.barewire.drivers.peer.Numbered;
import org.barewire.drivers.peer.Testpmd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// DPDK's memif driver on the other side, in both roles, with and without zero-copy on either side. testpmd sends
/// back what it receives.
@Tag("peer")
class MemifTestpmdTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int COUNT = 100_000;

    @TempDir
    private Path folder;

    private Testpmd testpmd(String options, int queues) {
        String device = "net_memif0,socket=%s,socket-abstract=no,%s".formatted(folder.resolve("s"), options);
        Testpmd testpmd = Testpmd.start(
                "memif-peer",
                List.of("--vdev", device),
                List.of(
                        "--port-topology=loop",
                        "--forward-mode=io",
                        "--no-flush-rx",
                        "--rxq=" + queues,
                        "--txq=" + queues));
        testpmd.command("start");
        testpmd.await("io packet forwarding - ports=1");
        return testpmd;
    }

    private NetDevice open(String options) {
        return NetDevice.open("memif:" + folder.resolve("s") + "?" + options);
    }

    /// Ours, and testpmd's.
    private static Stream<Arguments> roles() {
        return Stream.of(
                Arguments.of("role=client", "role=server"),
                Arguments.of("role=client&zero-copy=yes", "role=server"),
                Arguments.of("role=server", "role=client"),
                Arguments.of("role=server", "role=client,zero-copy=yes"));
    }

    @ParameterizedTest
    @CsvSource({
        "role=client, role=server, 1",
        "role=client&zero-copy=yes, role=server, 1",
        "role=server, role=client, 1",
        "role=server, 'role=client,zero-copy=yes', 1",
        "role=client, role=server, 2",
        "role=client&zero-copy=yes, role=server, 2",
        "role=server, role=client, 2",
        "role=server, 'role=client,zero-copy=yes', 2",
    })
    void allPacketsComeBackUnchanged(String ours, String theirs, int queues) {
        try (NetDevice port = open(ours + "&queues=" + queues);
                Testpmd testpmd = testpmd(theirs, queues);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048)) {
            assertThat(port.awaitLink(PATIENCE))
                    .as(port.link() + testpmd.output())
                    .isTrue();
            for (int queue = 0; queue < queues; queue++) {
                Numbered packets = new Numbered(pool, COUNT, 60, 1514, queue);
                packets.exchange(port.tx(queue), port.rx(queue), 400);
                assertThat(packets.complaints()).isEmpty();
            }
            assertThat(port.statistics().rxPackets()).isEqualTo((long) queues * COUNT);
            assertThat(port.statistics().rxErrors() + port.statistics().txErrors())
                    .isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("roles")
    void aThreadThatSleepsIsWoken(String ours, String theirs) {
        try (NetDevice port = open(ours);
                Testpmd testpmd = testpmd(theirs, 1);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048)) {
            assertThat(port.awaitLink(PATIENCE))
                    .as(port.link() + testpmd.output())
                    .isTrue();
            Bursts.Result bursts = Bursts.atRandom(port.tx(0), pool, port.rx(0), COUNT, 1);
            assertThat(bursts.complaint()).isEmpty();
            assertThat(bursts.received()).isEqualTo(COUNT);
            assertThat(bursts.sleeps()).isGreaterThan(COUNT / 1000);
            port.rx(0).pool().unbind(); // the thread has ended
            Bursts.Result few = Bursts.evenly(port.tx(0), pool, port.rx(0), 300, 100);
            assertThat(few.complaint()).isEmpty();
            assertThat(few.cpuShare()).isLessThan(0.05);
        }
    }

    @Tag("survival")
    @ParameterizedTest
    @MethodSource("roles")
    void nothingIsLeftOfAPeerThatIsKilledInMidTraffic(String ours, String theirs) throws IOException {
        try (NetDevice port = open(ours);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
            meetAndKill(port, theirs, pool); // what is made once and stays has been made
            Leaks before = Leaks.now(PacketMemory.standard());
            for (int kill = 0; kill < Kills.COUNT; kill++) {
                meetAndKill(port, theirs, pool);
            }
            before.assertNoMore(PacketMemory.standard());
        }
    }

    private void meetAndKill(NetDevice port, String theirs, PacketPool pool) throws IOException {
        long until = port.statistics().rxPackets() + 20_000;
        try (Testpmd testpmd = testpmd(theirs, 1)) {
            assertThat(port.awaitLink(PATIENCE))
                    .as(port.link() + testpmd.output())
                    .isTrue();
            for (int polls = 0; port.statistics().rxPackets() < until; polls++) {
                assertThat(polls).as(testpmd.output()).isLessThan(20_000_000);
                relay(port, pool);
            }
            testpmd.kill();
            if (theirs.contains("server")) {
                Files.delete(folder.resolve("s")); // where DPDK would not listen again
            }
        }
        while (port.link().up()) {
            relay(port, pool);
        }
        assertThat(pool.available()).as("packets given back").isEqualTo(1024);
        assertThat(port.rx(0).pool().available())
                .as("receive buffers given back")
                .isEqualTo(port.rx(0).pool().slots());
    }

    private static void relay(NetDevice port, PacketPool pool) {
        long[] packets = new long[32];
        int made = pool.allocate(packets, 0, 32);
        for (int i = 0; i < made; i++) {
            packets[i] = Packet.resize(packets[i], 60);
        }
        port.tx(0).sendOrRelease(packets, made);
        PacketPool.release(packets, 0, port.rx(0).receive(packets));
    }
}
