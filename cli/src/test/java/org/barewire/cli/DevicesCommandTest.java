package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.AvailableDevice;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DevicesCommandTest {
    private static final String CARD = "0000:03:00.0";
    private static final String FOLDER = "sys/bus/pci/devices/" + CARD;

    @TempDir
    private Path root;

    private MadeUpMachine machine;
    private List<DeviceProvider> providers = List.of();

    @BeforeEach
    void startWithAnEmptyMachine() {
        machine = new MadeUpMachine(root);
    }

    private String list(String... args) {
        StringWriter out = new StringWriter();
        DevicesCommand command = new DevicesCommand(machine.files(), name -> List.of(), () -> providers);
        int status = new CommandLine(command).setOut(new PrintWriter(out)).execute(args);
        assertThat(status).isZero();
        return out.toString();
    }

    @Test
    void aMachineWithoutPciHasNoCards() {
        assertThat(list()).contains("PCI network cards\n  none\n");
    }

    @Test
    void aCardIsShownWithAllThatSysfsSays() {
        machine.card(CARD, "0x8086", "0x10fb")
                .netInterface(CARD, "", "enp3s0")
                .write(FOLDER + "/numa_node", "1\n")
                .link(FOLDER + "/driver", "../../../bus/pci/drivers/ixgbe")
                .link(FOLDER + "/iommu_group", "../../../kernel/iommu_groups/17");
        assertThat(list())
                .contains("  0000:03:00.0  8086:10fb Intel 82599ES SFP+\n")
                .contains("    kernel driver ixgbe, NUMA node 1, IOMMU group 17\n")
                .contains("    enp3s0 up, 10000 Mbit/s\n");
    }

    @Test
    void aCardWithMissingFilesIsListedAsFarAsItIsKnown() {
        machine.write(FOLDER + "/class", "0x020000\n");
        assertThat(list()).contains("0000:03:00.0  unknown id\n", "no kernel driver, no NUMA node, no IOMMU group");
    }

    @Test
    void garbageInSysfsIsNotPrinted() {
        machine.card(CARD, "0xzz", "\u001b[2J")
                .netInterface(CARD, "", "eth0")
                .write(FOLDER + "/numa_node", "-9999999999999999999999")
                .write(FOLDER + "/driver", "not a link")
                .write(FOLDER + "/net/eth0/operstate", "\u001b[2Jup\u0000")
                .write(FOLDER + "/net/eth0/speed", "fast")
                .write(FOLDER + "/net/eth0/flags", "0xffffffffffffffffff");
        assertThat(list()).contains("unknown id").doesNotContain("\u001b", "\u0000");
    }

    @Test
    void everyProviderIsListedWithItsOptionsAndItsDevices() {
        providers = List.of(new TapProvider());
        assertThat(list())
                .contains("  tap:NAME  a TAP interface\n", "    mtu=  largest packet\n")
                .contains("Options of every name", "    queues=", "    offloads=")
                .contains("    tap:bw0  made up, link down: no cable\n", "can't be opened: busy\n");
    }

    @Test
    void jsonSaysTheSameAsText() {
        providers = List.of(new TapProvider());
        machine.card(CARD, "0x8086", "0x10fb").netInterface(CARD, "", "eth0");
        assertThat(list("--json"))
                .startsWith("{\"cards\":[{\"address\":\"0000:03:00.0\",\"id\":\"8086:10fb\"")
                .contains("\"can_be_opened\":true", "\"mbit_per_second\":10000", "\"scheme\":\"tap\"")
                .endsWith("}\n");
    }

    @Test
    void onThisMachineSimulatedCardsCanBeOpened() {
        StringWriter out = new StringWriter();
        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("devices"))
                .isZero();
        assertThat(out.toString()).startsWith("PCI network cards\n").contains("sim:NAME");
    }

    private static final class TapProvider implements DeviceProvider {
        @Override
        public String scheme() {
            return "tap";
        }

        @Override
        public String help() {
            return "tap:NAME  a TAP interface";
        }

        @Override
        public Map<String, String> options() {
            return Map.of("mtu", "largest packet");
        }

        @Override
        public List<AvailableDevice> available() {
            return List.of(new AvailableDevice("tap:bw0", "made up", -1, LinkState.down("no cable"), "busy"));
        }

        @Override
        public NetDevice open(DeviceName name, DeviceConfig config) {
            throw new AssertionError("listing opens nothing");
        }
    }
}
