package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ports of the kernel, and of other processes, wake a thread that sleeps at their receive queue.
@Tag("peer")
class WakePeerTest {
    private static final int MANY = 1_000_000;

    @TempDir
    Path directory;

    private NetNs left;
    private NetNs right;
    private PacketPool pool;

    @BeforeEach
    void connect() {
        left = NetNs.create("wake-l");
        right = NetNs.create("wake-r");
        pool = PacketPool.create(PacketMemory.standard(), 1024);
    }

    @AfterEach
    void disconnect() {
        pool.close();
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

    private Pair open(String scheme) {
        if (scheme.startsWith("virtio-user") || scheme.startsWith("vhost-user")) {
            return plug(scheme);
        }
        String here = "afpacket:port?netns=" + left.name();
        NetDevice receiver;
        if (scheme.equals("tap")) {
            receiver = NetDevice.open("tap:port?netns=" + left.name());
        } else {
            left.veth("port", right, "port");
            receiver = NetDevice.open("%s:port?netns=%s".formatted(scheme, right.name()));
        }
        NetDevice sender = NetDevice.open(here);
        assertThat(sender.awaitLink(Duration.ofSeconds(10))).isTrue();
        assertThat(receiver.awaitLink(Duration.ofSeconds(10))).isTrue();
        return new Pair(sender, receiver);
    }

    /// Our own driver and our own device, of which the scheme names the one that receives.
    private Pair plug(String scheme) {
        String socket = directory.resolve("s").toString();
        String ring = scheme.substring(scheme.indexOf('?'));
        NetDevice device = NetDevice.open("vhost-user:" + socket);
        NetDevice driver = NetDevice.open("virtio-user:" + socket + ring);
        boolean receives = scheme.startsWith("virtio");
        Pair pair = receives ? new Pair(device, driver) : new Pair(driver, device);
        pair.sender.tx(0);
        pair.receiver.rx(0);
        assertThat(driver.awaitLink(Duration.ofSeconds(10))).isTrue();
        assertThat(device.awaitLink(Duration.ofSeconds(10))).isTrue();
        return pair;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tap",
                "afpacket",
                "afxdp",
                "virtio-user?ring=split",
                "virtio-user?ring=packed",
                "vhost-user?ring=split",
                "vhost-user?ring=packed"
            })
    void ofAMillionPacketsInBurstsNoneIsLostAndNoneStuck(String scheme) {
        try (Pair pair = open(scheme)) {
            Bursts.Result result =
                    Bursts.atRandom(pair.sender.tx(0), pool, pair.receiver.rx(0), MANY, scheme.hashCode());
            assertThat(result.complaint()).isEmpty();
            assertThat(result.received()).isEqualTo(MANY);
            assertThat(result.waits()).isGreaterThan(1000);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tap",
                "afpacket",
                "afxdp",
                "virtio-user?ring=split",
                "virtio-user?ring=packed",
                "vhost-user?ring=split",
                "vhost-user?ring=packed"
            })
    void aHundredPacketsASecondTakeLittleOfACpu(String scheme) {
        try (Pair pair = open(scheme)) {
            Bursts.Result result = Bursts.evenly(pair.sender.tx(0), pool, pair.receiver.rx(0), 300, 100);
            assertThat(result.complaint()).isEmpty();
            assertThat(result.cpuShare()).isLessThan(0.05);
            assertThat(result.waits()).isLessThan(10 * 300); // a thread that naps goes to sleep 100 times for each
            assertThat(result.medianDelay()).isLessThan(10_000_000); // the machine may have others to serve
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tap",
                "afpacket",
                "afxdp",
                "virtio-user?ring=split",
                "virtio-user?ring=packed",
                "vhost-user?ring=split",
                "vhost-user?ring=packed"
            })
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
