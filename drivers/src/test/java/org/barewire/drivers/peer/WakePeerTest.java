package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Ports wake a thread that sleeps at their receive queue: those of the kernel, and those of shared memory
/// with another port of ours at their other end.
@Tag("peer")
class WakePeerTest {
    private static final int MANY = 1_000_000;

    @TempDir
    private Path folder;

    private NetNs left;
    private NetNs right;
    private PacketMemory memory; // each test's own, as vhost-user's peers can share but a few pieces of it
    private PacketPool pool;

    @BeforeEach
    void connect() {
        left = NetNs.create("wake-l");
        right = NetNs.create("wake-r");
        memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE_IF_FREE, Numa.NO_NODE);
        pool = PacketPool.create(memory, 1024);
    }

    @AfterEach
    void disconnect() {
        pool.close();
        memory.close();
        left.close();
        right.close();
    }

    /// Two devices of which the second receives what the first sends.
    private record Pair(NetDevice sender, NetDevice receiver) implements AutoCloseable {
        @Override
        public void close() {
            try (sender) {
                receiver.close();
            }
        }
    }

    private NetDevice device(String name) {
        return NetDevice.open(name, DeviceConfig.standard().withMemory(memory));
    }

    private Pair open(String scheme) {
        if (scheme.contains("-user?")) {
            return plug(scheme);
        }
        Pair pair = scheme.startsWith("memif") ? openMemif(scheme) : openKernel(scheme);
        assertThat(pair.sender.awaitLink(Duration.ofSeconds(10))).isTrue();
        assertThat(pair.receiver.awaitLink(Duration.ofSeconds(10))).isTrue();
        return pair;
    }

    private Pair openMemif(String scheme) {
        String client = "memif:" + folder.resolve("s");
        String server = client + "?role=server";
        return switch (scheme) {
            case "memif-server" -> new Pair(device(client), device(server));
            case "memif-client" -> new Pair(device(server), device(client));
            default -> new Pair(device(server), device(client + "?zero-copy=yes"));
        };
    }

    private Pair openKernel(String scheme) {
        NetDevice receiver;
        if (scheme.equals("tap")) {
            receiver = device("tap:port?netns=" + left.name());
        } else {
            left.veth("port", right, "port");
            receiver = device("%s:port?netns=%s".formatted(scheme, right.name()));
        }
        return new Pair(device("afpacket:port?netns=" + left.name()), receiver);
    }

    /// Our own driver and our own device, of which the scheme names the one that receives.
    private Pair plug(String scheme) {
        String socket = folder.resolve("s").toString();
        String ring = scheme.substring(scheme.indexOf('?'));
        NetDevice backEnd = device("vhost-user:" + socket);
        NetDevice driver = device("virtio-user:" + socket + ring);
        boolean receives = scheme.startsWith("virtio");
        Pair pair = receives ? new Pair(backEnd, driver) : new Pair(driver, backEnd);
        pair.sender.tx(0);
        pair.receiver.rx(0);
        assertThat(driver.awaitLink(Duration.ofSeconds(10))).isTrue();
        assertThat(backEnd.awaitLink(Duration.ofSeconds(10))).isTrue();
        return pair;
    }

    private static Stream<String> ports() {
        return Stream.of(
                "tap",
                "afpacket",
                "afxdp",
                "memif-server",
                "memif-client",
                "memif-zero-copy",
                "virtio-user?ring=split",
                "virtio-user?ring=packed",
                "vhost-user?ring=split",
                "vhost-user?ring=packed");
    }

    @ParameterizedTest
    @MethodSource("ports")
    void ofAMillionPacketsInBurstsNoneIsLostAndNoneStuck(String scheme) {
        try (Pair pair = open(scheme)) {
            Bursts.Result result =
                    Bursts.atRandom(pair.sender.tx(0), pool, pair.receiver.rx(0), MANY, scheme.hashCode());
            assertThat(result.complaint()).isEmpty();
            assertThat(result.received()).isEqualTo(MANY);
            assertThat(result.sleeps()).isGreaterThan(MANY / 1000);
        }
    }

    @ParameterizedTest
    @MethodSource("ports")
    void aHundredPacketsASecondTakeLittleOfACpu(String scheme) {
        try (Pair pair = open(scheme)) {
            Bursts.Result result = Bursts.evenly(pair.sender.tx(0), pool, pair.receiver.rx(0), 300, 100);
            assertThat(result.complaint()).isEmpty();
            assertThat(result.cpuShare()).isLessThan(0.05);
            assertThat(result.sleeps()).isLessThan(10 * 300); // a thread that naps goes to sleep 100 times for each
            assertThat(result.medianDelay()).isLessThan(10_000_000); // the machine may have others to serve
        }
    }

    @ParameterizedTest
    @MethodSource("ports")
    void sleepingAndWakingAllocateNothing(String scheme) {
        try (Pair pair = open(scheme)) {
            var rx = pair.receiver.rx(0);
            rx.receive(new long[1]); // gives the device buffers, where these come with the first call
            for (int i = 0; i < 20_000; i++) {
                rx.await(0);
            }
            Allocation.assertNone(() -> {
                for (int i = 0; i < 10_000; i++) {
                    rx.await(1);
                }
            });
        }
    }
}
