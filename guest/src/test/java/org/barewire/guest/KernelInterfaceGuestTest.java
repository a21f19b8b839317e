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

    private static Frames frames(int count, int longest, int seed) {
        return new Frames(count, 60, longest, seed, guest.wire(0).guestAddress());
    }

    @Test
    void everyFrameIsEchoedUnchanged() {
        Report report = agent.echo("nic", guest.wire(0), frames(20_000, 1514, 1), WINDOW);
        assertThat(report.complaint()).isEmpty();
        assertThat(report.isComplete(20_000)).isTrue();
    }

    @Test
    void jumboFramesPass() {
        Report report = agent.echo("nic", guest.wire(0), frames(2_000, 9014, 2), WINDOW);
        assertThat(report.complaint()).isEmpty();
        assertThat(report.isComplete(2_000)).isTrue();
    }

    @Test
    void theGuestReceivesEveryFrame() {
        Reply reply = agent.receive("nic", guest.wire(0), frames(10_000, 1514, 3), WINDOW);
        assertThat(reply.text("complaint")).isEmpty();
        assertThat(reply.number("received")).isEqualTo(10_000);
    }

    @Test
    void everyFrameThatTheGuestSendsArrives() {
        Report report = agent.send("nic", guest.wire(0), frames(10_000, 1514, 4));
        assertThat(report.complaint()).isEmpty();
        assertThat(report.isComplete(10_000)).isTrue();
    }

    @Test
    void theDeviceCountsWhatTheWireCarried() {
        Reply before = agent.ask("statistics nic");
        agent.echo("nic", guest.wire(0), frames(100, 1514, 5), WINDOW);
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
