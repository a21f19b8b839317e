package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NetInterfaceTest {
    @Test
    void theLoopbackInterfaceIsDescribedAsTheKernelHasIt() throws Exception {
        NetworkInterface expected = NetworkInterface.getByName("lo");
        try (NetInterface lo = NetInterface.open("lo", "")) {
            assertThat(lo.index()).isEqualTo(expected.getIndex());
            assertThat(lo.mtu()).isEqualTo(expected.getMTU());
            assertThat((lo.flags() & NetInterface.UP) != 0).isEqualTo(expected.isUp());
            assertThat(lo.macAddress()).isZero();
            assertThat(lo.bitsPerSecond()).isZero();
        }
    }

    @Test
    void anEthernetInterfaceHasTheAddressThatSysfsSays() throws Exception {
        try (var interfaces = Files.list(Path.of("/sys/class/net"))) {
            for (Path directory : interfaces.toList()) {
                if (Files.exists(directory.resolve("type"))
                        && Files.readString(directory.resolve("type")).strip().equals("1")) {
                    String address =
                            Files.readString(directory.resolve("address")).strip();
                    try (NetInterface found =
                            NetInterface.open(directory.getFileName().toString(), "")) {
                        assertThat(found.macAddress()).isEqualTo(Long.parseLong(address.replace(":", ""), 16));
                    }
                }
            }
        }
    }

    @Test
    void anInterfaceThatIsNotThereIsNamedInTheMessage() {
        try (NetInterface missing = NetInterface.open("bw-missing", "")) {
            assertThatThrownBy(missing::index)
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                    .hasMessageContaining("find interface bw-missing");
        }
    }

    @Test
    void aNameThatNoInterfaceCanHaveIsRefused() {
        assertThatThrownBy(() -> NetInterface.open("", "")).hasMessageContaining("1 to 15 bytes");
        assertThatThrownBy(() -> NetInterface.open("sixteen-letters-", "")).hasMessageContaining("1 to 15 bytes");
        assertThatThrownBy(() -> NetInterface.open("a/b", "")).hasMessageContaining("no slash");
    }

    @Test
    void aNamespaceThatIsNotThereIsNamedInTheMessage() {
        assertThatThrownBy(() -> NetInterface.open("lo", "bw-missing"))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("ip netns add bw-missing");
        assertThatThrownBy(() -> NetInterface.open("lo", "../net"))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("a path");
    }

    @Test
    void theCallersThreadDoesWhatNeedsNoNamespace() {
        Thread caller = Thread.currentThread();
        assertThat(NetNamespace.call("", Thread::currentThread)).isSameAs(caller);
    }

    @Test
    void closingTwiceClosesOnce() {
        NetInterface lo = NetInterface.open("lo", "");
        lo.close();
        lo.close();
        assertThatThrownBy(lo::index).hasMessageContaining("EBADF");
    }
}
