package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.barewire.core.packet.MacAddress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Barewire's virtio driver on QEMU's modern device, through VFIO, behind an IOMMU.
@Tag("guest")
class VirtioGuestTest {
    private static final String NIC = "0000:00:10.0";
    private static final String POOR = "0000:00:11.0"; // in features
    private static final Duration QUIET = Duration.ofMillis(500);
    private static final MacAddress GROUP = MacAddress.parse("33:33:00:00:00:99");

    private static Guest guest;
    private static AgentSession agent;

    @BeforeAll
    static void boot() {
        guest = Guest.builder("virtio")
                .iommu()
                .memory(1280)
                .hugePages(160)
                .modules("virtio_net")
                .nic("virtio-net-pci", "disable-legacy=on,iommu_platform=on,host_mtu=9000,speed=10000,duplex=full")
                .nic(
                        "virtio-net-pci",
                        "disable-legacy=on,iommu_platform=on,mrg_rxbuf=off,ctrl_vq=off,mq=off,status=off,event_idx=off,"
                                + "indirect_desc=off")
                .boot();
        agent = guest.agent();
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    @AfterEach
    void closesWithoutAFault() {
        agent.ask("close nic");
        assertThat(guest.dmaFaults()).isEmpty();
    }

    @Test
    void everyFrameIsEchoedUnchanged() {
        assertThat(agent.ask("open nic " + NIC).text("description")).contains("modern, split rings");
        agent.assertEchoes("nic", guest.wire(0), 100_000, 1514, 1);
    }

    @Test
    void aDeviceWithoutTheUsualFeaturesDoesAsWell() {
        agent.ask("open nic " + POOR);
        agent.assertEchoes("nic", guest.wire(1), 100_000, 1514, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {NIC, POOR})
    void jumboFramesPassInOneBufferOrSeveral(String nic) {
        agent.ask("open nic %s?mtu=9000".formatted(nic));
        agent.assertEchoes("nic", guest.wire(nic.equals(NIC) ? 0 : 1), 10_000, 9014, 3);
    }

    @Test
    void theMtuIsTheDevicesLimit() {
        assertThat(agent.refusal("open nic %s?mtu=9001".formatted(NIC))).contains("?mtu=9000");
        agent.ask("open nic %s?mtu=9000".formatted(NIC));
    }

    @Test
    void whatIsCountedIsWhatTheWireCarried() {
        agent.ask("open nic " + NIC);
        agent.assertEchoes("nic", guest.wire(0), 5_000, 1000, 4);
        Reply counted = agent.ask("statistics nic");
        assertThat(counted.number("rxPackets")).isEqualTo(5_000);
        assertThat(counted.number("txPackets")).isEqualTo(5_000);
        assertThat(counted.number("rxBytes"))
                .isEqualTo(counted.number("txBytes"))
                .isGreaterThan(5_000 * 60);
        assertThat(counted.number("rxErrors") + counted.number("txErrors")).isZero();
    }

    @Test
    void onlyWhatTheFiltersLetPassIsReceived() {
        agent.ask("open nic " + NIC);
        MacAddress own = guest.wire(0).guestAddress();
        MacAddress other = MacAddress.parse("52:54:00:00:00:77");
        assertPasses(own, true);
        assertPasses(MacAddress.parse("ff:ff:ff:ff:ff:ff"), true);
        assertPasses(other, false);
        assertPasses(GROUP, false);
        agent.ask("promiscuous nic on");
        assertPasses(other, true);
        assertPasses(GROUP, true);
        agent.ask("promiscuous nic off");
        agent.ask("multicast nic " + GROUP);
        assertPasses(GROUP, true);
        assertPasses(MacAddress.parse("33:33:00:00:00:98"), false);
        agent.ask("all-multicast nic on");
        assertPasses(MacAddress.parse("33:33:00:00:00:98"), true);
        assertPasses(other, false);
        agent.ask("mac nic " + other);
        assertPasses(other, true);
        assertPasses(own, false);
    }

    @Test
    void onlyTheVlansThatWereAskedForAreReceived() {
        agent.ask("open nic %s?vlans=5,7".formatted(NIC));
        agent.begin("echo nic");
        for (int vlan : new int[] {5, 6, 7}) {
            byte[] frame = frame(guest.wire(0).guestAddress());
            frame[12] = (byte) 0x81;
            frame[13] = 0;
            frame[14] = 0;
            frame[15] = (byte) vlan;
            guest.wire(0).transmit(frame);
            assertThat(guest.wire(0).collect(QUIET)).hasSize(vlan == 6 ? 0 : 1);
        }
        agent.begin("stop");
        agent.end();
    }

    @Test
    void theLinkIsTheDevices() {
        agent.ask("open nic " + NIC);
        Reply up = agent.ask("link nic");
        assertThat(up.number("up")).isEqualTo(1);
        assertThat(up.number("bitsPerSecond")).isEqualTo(10_000_000_000L);
        guest.monitor("set_link nic0 off");
        assertThat(agent.ask("link nic").number("up")).isZero();
        guest.monitor("set_link nic0 on");
        assertThat(agent.ask("link nic").number("up")).isEqualTo(1);
    }

    @Test
    void aPortIsOpenedTenTimesAndTheKernelHasItBack() {
        for (int i = 0; i < 10; i++) {
            agent.ask("open nic " + NIC);
            agent.assertEchoes("nic", guest.wire(0), 1_000, 1514, 10 + i);
            agent.ask("close nic");
        }
        assertThat(guest.run("basename $(readlink /sys/bus/pci/devices/%s/driver)".formatted(NIC))
                        .orFail())
                .isEqualTo("virtio-pci");
        Pinger.assertPings(guest, 0, NIC);
        agent.ask("open nic " + NIC);
    }

    private static void assertPasses(MacAddress to, boolean passes) {
        agent.begin("echo nic");
        guest.wire(0).transmit(frame(to));
        List<byte[]> back = guest.wire(0).collect(QUIET);
        agent.begin("stop");
        agent.end();
        assertThat(back).as("frames for %s", to).hasSize(passes ? 1 : 0);
    }

    private static byte[] frame(MacAddress to) {
        byte[] frame = new byte[60];
        Frames.writeHeader(frame, to, Frames.NUMBERED, 0);
        return frame;
    }
}
