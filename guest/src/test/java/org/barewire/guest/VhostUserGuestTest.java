package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// QEMU as the front end of `vhost-user:`, whose device is driven by the guest's kernel with all offloads; behind it a
/// TAP in a network namespace of the host's.
@Tag("guest")
class VhostUserGuestTest {
    private static final String NAMESPACE = "barewire-vhost-guest";

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void startBridge() throws Exception {
        Host.run("ip netns add " + NAMESPACE);
        String command = JavaCommand.here(
                Bridge.class,
                "vhost-user:%s?offloads=checksum&tso=yes".formatted(socket()),
                "tap:bwguest?netns=%s&offloads=checksum&segmentation=yes".formatted(NAMESPACE));
        Process bridge = start("exec env " + command);
        assertThat(bridge.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("open");
        Host.run("ip -n %s addr add 10.77.0.1/24 dev bwguest".formatted(NAMESPACE));
        start("exec ip netns exec %s iperf3 -s".formatted(NAMESPACE));
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        Host.run("ip netns del " + NAMESPACE);
    }

    @Test
    void theGuestPingsAndSpeaksTcpAndSoDoesTheNextOne() {
        for (int life = 0; life < 2; life++) {
            try (Guest guest = boot()) {
                guest.run("ip addr add 10.77.0.2/24 dev eth0; ip link set eth0 up")
                        .orFail();
                assertThat(guest.run("ping -c 20 -i 0.2 -W 5 10.77.0.1").orFail())
                        .contains(" 0% packet loss");
                assertThat(guest.run("ethtool -k eth0").orFail())
                        .contains("tx-checksumming: on", "tcp-segmentation-offload: on");
                assertThat(guest.run("iperf3 -c 10.77.0.1 -n 64M").orFail()).contains("iperf Done");
                assertThat(guest.run("iperf3 -c 10.77.0.1 -n 64M -R").orFail()).contains("iperf Done");
            }
        }
    }

    /// Without MSI-X: QEMU 7.2 without KVM does not survive it with a vhost device.
    private Guest boot() {
        return Guest.builder("vhost-user")
                .sharedMemory()
                .modules("virtio_net")
                .qemu(
                        "-chardev",
                        "socket,id=vhost,path=" + socket(),
                        "-netdev",
                        "vhost-user,id=vhost0,chardev=vhost",
                        "-device",
                        "virtio-net-pci,netdev=vhost0,vectors=0,romfile=")
                .boot();
    }

    private String socket() {
        return folder.resolve("s").toString();
    }

    private Process start(String command) throws IOException {
        Process process = new ProcessBuilder("bash", "-c", command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }
}
