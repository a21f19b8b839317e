package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.linux.NetNamespace;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("peer")
class NetNsTest {
    private static final String LEFT = "kernelports-left";
    private static final String RIGHT = "kernelports-right";

    @Test
    void twoNamespacesReachEachOtherOverAVeth() {
        try (NetNs left = NetNs.create(LEFT);
                NetNs right = NetNs.create(RIGHT)) {
            left.veth("port", right, "port");
            left.address("port", "10.9.0.1/24");
            right.address("port", "10.9.0.2/24");
            assertThat(left.run("ping", "-c", "3", "-i", "0.01", "-W", "2", "10.9.0.2"))
                    .contains(" 0% packet loss");
        }
        assertThat(Path.of("/run/netns", LEFT)).doesNotExist();
        assertThat(Path.of("/run/netns", RIGHT)).doesNotExist();
    }

    @Test
    void aCommandThatFailsShowsItsOutput() {
        try (NetNs here = NetNs.create(LEFT)) {
            assertThatThrownBy(() -> here.run("ip", "link", "show", "nothing"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("nothing");
        }
    }

    @Test
    void closingKillsWhatWasStarted() throws Exception {
        Process process;
        try (NetNs here = NetNs.create(LEFT)) {
            process = here.start("sleep", "1000");
            assertThat(process.isAlive()).isTrue();
        }
        assertThat(process.waitFor()).isNotZero();
    }

    @Test
    void anInterfaceOfAnotherNamespaceIsReadAndChanged() {
        try (NetNs left = NetNs.create(LEFT);
                NetNs right = NetNs.create(RIGHT)) {
            left.veth("port", right, "port");
            try (NetInterface port = NetInterface.open("port", LEFT)) {
                port.setFlags(NetInterface.UP, 0);
                port.setMtu(1400);
                port.setMacAddress(0x02_00_00_12_34_56L);
                port.setFlags(NetInterface.UP | NetInterface.PROMISCUOUS, -1);
                assertThat(port.mtu()).isEqualTo(1400);
                assertThat(port.macAddress()).isEqualTo(0x02_00_00_12_34_56L);
                assertThat(port.flags() & NetInterface.RUNNING).isNotZero();
                assertThat(port.bitsPerSecond()).isEqualTo(10_000_000_000L);
                assertThat(left.run("ip", "link", "show", "port")).contains("mtu 1400", "02:00:00:12:34:56", "PROMISC");
            }
        }
    }

    @Test
    void theThreadThatAsksStaysInItsNamespace() throws Exception {
        Path own = Path.of("/proc/thread-self/ns/net");
        Path before = Files.readSymbolicLink(own);
        try (NetNs here = NetNs.create(LEFT)) {
            Path inside = NetNamespace.call(here.name(), () -> readLink(own));
            assertThat(inside).isNotEqualTo(before);
            assertThat(Files.readSymbolicLink(own)).isEqualTo(before);
        }
    }

    private static Path readLink(Path path) {
        try {
            return Files.readSymbolicLink(path);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
