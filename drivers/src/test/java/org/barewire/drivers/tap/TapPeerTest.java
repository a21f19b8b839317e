package org.barewire.drivers.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.peer.Forwarder;
import org.barewire.drivers.peer.NetNs;
import org.barewire.drivers.peer.TcpTraffic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The kernel's network stacks of two namespaces, joined by a forwarder over tap interfaces and packet sockets.
@Tag("peer")
class TapPeerTest {
    private static final String LEFT = "kernelports-tap-l";
    private static final String RIGHT = "kernelports-tap-r";
    private static final String MIDDLE = "kernelports-tap-m";

    @TempDir
    private Path directory;

    private NetNs left;
    private NetNs right;
    private NetNs middle;

    @BeforeEach
    void create() {
        left = NetNs.create(LEFT);
        right = NetNs.create(RIGHT);
        middle = NetNs.create(MIDDLE);
    }

    @AfterEach
    void remove() {
        left.close();
        right.close();
        middle.close();
    }

    private static NetDevice tap(NetNs where, String address, String options) {
        NetDevice tap = NetDevice.open("tap:port?netns=" + where.name() + options);
        where.address("port", address);
        assertThat(tap.awaitLink(Duration.ofSeconds(10))).isTrue();
        return tap;
    }

    private NetDevice packetSocket(String options) {
        middle.veth("inner", right, "port");
        right.address("port", "10.2.0.2/24");
        return NetDevice.open("afpacket:inner?netns=" + middle.name() + options);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&segmentation=yes", "&queues=2"})
    void pingLosesNothingBetweenTaps(String options) {
        try (NetDevice a = tap(left, "10.2.0.1/24", options);
                NetDevice b = tap(right, "10.2.0.2/24", options);
                Forwarder _ = new Forwarder(a, b, a.rxQueues())) {
            assertThat(left.run("ping", "-c", "500", "-i", "0.002", "-W", "2", "10.2.0.2"))
                    .contains(" 0% packet loss");
        }
    }

    @Test
    void pingLosesNothingBetweenTapAndPacketSocket() {
        try (NetDevice a = tap(left, "10.2.0.1/24", "");
                NetDevice b = packetSocket("");
                Forwarder _ = new Forwarder(a, b, 1)) {
            assertThat(left.run("ping", "-c", "500", "-i", "0.002", "-W", "2", "-s", "1472", "10.2.0.2"))
                    .contains(" 0% packet loss");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&offloads=checksum", "&segmentation=yes", "&segmentation=yes&queues=2"})
    void tcpArrivesWholeBetweenTaps(String options) throws Exception {
        try (NetDevice a = tap(left, "10.2.0.1/24", options);
                NetDevice b = tap(right, "10.2.0.2/24", options);
                Forwarder _ = new Forwarder(a, b, a.rxQueues())) {
            TcpTraffic.transfer(left, right, "10.2.0.2", 100);
            TcpTraffic.transfer(right, left, "10.2.0.1", 100);
            Path file = randomFile();
            TcpTraffic.copy(left, right, "10.2.0.2", file, directory.resolve("copy"));
        }
    }

    /// The kernel's end of the veth does no checksums, so that the kernel must have them in the frame: what tcpdump
    /// sees at the other end is what a wire would carry.
    @ParameterizedTest
    @ValueSource(strings = {"", "&offloads=checksum", "&segmentation=yes"})
    void checksumsAreRightOnTheWire(String options) throws Exception {
        Path file = directory.resolve("right.pcap");
        String packetOptions = options.isEmpty() ? "" : "&offloads=checksum";
        try (NetDevice a = tap(left, "10.2.0.1/24", options);
                NetDevice b = packetSocket(packetOptions)) {
            middle.run("ethtool", "-K", "inner", "tx", "off", "tso", "off", "gso", "off");
            Process capture = TcpTraffic.capture(right, "port", file);
            try (Forwarder _ = new Forwarder(a, b, 1)) {
                TcpTraffic.transfer(left, right, "10.2.0.2", 8);
                TcpTraffic.transfer(right, left, "10.2.0.1", 8);
            }
            NetNs.command("kill", String.valueOf(capture.pid()));
            capture.waitFor();
        }
        assertChecksums(file);
    }

    /// Both directions, without any offload: what the forwarder hands to either kernel has valid checksums.
    @Test
    void checksumsAreRightWithoutOffloadsAtBothEnds() throws Exception {
        Path leftFile = directory.resolve("left.pcap");
        try (NetDevice a = tap(left, "10.2.0.1/24", "");
                NetDevice b = packetSocket("")) {
            Process capture = TcpTraffic.capture(left, "port", leftFile);
            try (Forwarder _ = new Forwarder(a, b, 1)) {
                TcpTraffic.transfer(right, left, "10.2.0.1", 8);
            }
            NetNs.command("kill", String.valueOf(capture.pid()));
            capture.waitFor();
            assertThat(b.statistics().rxErrors()).isZero();
        }
        assertChecksums(leftFile);
    }

    private static void assertChecksums(Path file) {
        TcpTraffic.Checksums found = TcpTraffic.check(file);
        assertThat(found.bad()).isZero();
        assertThat(found.good()).isGreaterThan(1_000); // tcpdump does not get to all when it is busy here
    }

    private Path randomFile() throws Exception {
        byte[] content = new byte[20_000_001];
        new SplittableRandom(7).nextBytes(content);
        return Files.write(directory.resolve("original"), content);
    }
}
