package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.Finding;
import org.barewire.core.device.Finding.Verdict;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class AfxdpDoctorTest {
    private static Finding find(String device, String topic) {
        List<Finding> findings = AfxdpDoctor.examine(DeviceName.parse(device));
        return findings.stream()
                .filter(finding -> finding.topic().equals(topic))
                .findFirst()
                .orElseThrow(() -> new AssertionError(topic + " is not among " + findings));
    }

    @Test
    void anInterfaceThatIsNotThereIsMissing() {
        assertThat(find("afxdp:none0", "interface"))
                .returns(Verdict.MISSING, Finding::verdict)
                .returns("ip link", Finding::cure);
    }

    @Test
    void aNamespaceThatIsNotThereIsMissing() {
        assertThat(find("afxdp:none0?netns=afxdp-none", "network namespace").text())
                .contains("ip netns");
    }

    @Test
    void optionsAreReadFirst() {
        assertThatThrownBy(() -> AfxdpDoctor.examine(DeviceName.parse("afxdp:none0?match=nonsense")))
                .isInstanceOf(DeviceException.class);
    }

    @Test
    @Tag("peer")
    void aVethIsDescribedAsItIs() {
        try (Veth veth = Veth.create("doctor").withQueues(2)) {
            String name = "afxdp:port0?netns=" + veth.left().name();
            assertThat(find(name, "capabilities").verdict()).isEqualTo(Verdict.GOOD);
            assertThat(find(name, "AF_XDP sockets").verdict()).isEqualTo(Verdict.GOOD);
            assertThat(find(name, "interface").text()).isEqualTo("port0, driver veth, up");
            assertThat(find(name, "XDP in the driver").verdict()).isEqualTo(Verdict.GOOD);
            assertThat(find(name, "zero-copy").verdict()).isEqualTo(Verdict.COULD_BE_BETTER);
            assertThat(find(name, "receive queues").cure()).contains("queues=2", "ethtool -L port0 combined 1");
            assertThat(find(name, "checksums").cure()).contains("tx off");
            veth.left().run("ip", "link", "set", "port0", "down");
            assertThat(find(name, "interface"))
                    .returns(Verdict.MISSING, Finding::verdict)
                    .returns("sudo ip link set port0 up", Finding::cure);
        }
    }

    @Test
    @Tag("peer")
    void theDefaultRouteNeedsAMatch() {
        try (Veth veth = Veth.create("doctor").withAddresses()) {
            veth.left().run("ip", "route", "add", "default", "via", "10.77.0.2");
            String name = "afxdp:port0?netns=" + veth.left().name();
            assertThat(find(name, "match").verdict()).isEqualTo(Verdict.MISSING);
            assertThat(AfxdpDoctor.examine(DeviceName.parse(name + "&match=udp/53")))
                    .noneMatch(finding -> finding.verdict() == Verdict.MISSING);
        }
    }
}
