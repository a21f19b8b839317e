package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Barewire's packet sockets on a card that the guest's kernel drives, with the harness's wire at its other end.
@Tag("guest")
class KernelInterfaceGuestTest {
    private static final int WINDOW = 64;

    private static Guest guest;
    private static AgentSession agent;

    @BeforeAll
    static void boot() {
        guest = Guest.builder("kernel-interface")
                .modules("virtio_net")
                .nic("virtio-net-pci", "host_mtu=9000")
                .boot();
        guest.run("sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip link set eth0 mtu 9000 up")
                .orFail();
        agent = guest.agent();
        agent.ask("open nic afpacket:eth0?mtu=9000");
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    @Test
    void everyFrameIsEchoedUnchanged() {
        agent.assertEchoes("nic", guest.wire(0), 20_000, 1514, 1);
    }

    @Test
    void jumboFramesPass() {
        agent.assertEchoes("nic", guest.wire(0), 2_000, 9014, 2);
    }

    @Test
    void theGuestReceivesEveryFrame() {
        agent.assertReceives("nic", guest.wire(0), guest.wire(0).frames(10_000, 1514, 3), WINDOW);
    }

    @Test
    void everyFrameThatTheGuestSendsArrives() {
        agent.assertSends("nic", guest.wire(0), guest.wire(0).frames(10_000, 1514, 4));
    }

    @Test
    void theDeviceCountsWhatTheWireCarried() {
        Reply before = agent.ask("statistics nic");
        agent.assertEchoes("nic", guest.wire(0), 100, 1514, 5);
        Reply after = agent.ask("statistics nic");
        assertThat(after.number("rxPackets") - before.number("rxPackets")).isEqualTo(100);
        assertThat(after.number("txPackets") - before.number("txPackets")).isEqualTo(100);
    }

    @Test
    void aDeviceThatIsNotThereIsRefusedByName() {
        assertThat(agent.refusal("open other afpacket:eth7")).contains("eth7");
    }

    @Test
    void aCommandsStatusAndOutputComeBack() {
        Result result = guest.run("echo out; echo error >&2; exit 3");
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.output()).isEqualTo("out\nerror");
        assertThat(guest.dmaFaults()).isEmpty();
    }
}
