package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Comparator;
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
    private Map<String, List<String>> addresses = Map.of();
    private List<DeviceProvider> providers = List.of();

    @BeforeEach
    void startWithAnEmptyMachine() {
        machine = new MadeUpMachine(root);
    }

    private String list(String... args) {
        StringWriter out = new StringWriter();
        DevicesCommand command =
                new DevicesCommand(machine.files(), name -> addresses.getOrDefault(name, List.of()), () -> providers);
        int status = new CommandLine(command).setOut(new PrintWriter(out)).execute(args);
        assertThat(status).isZero();
        return out.toString();
    }

    private PciCard card() {
        return new PciCards(machine.files(), name -> addresses.getOrDefault(name, List.of()))
                .find()
                .getFirst();
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
    void withoutAProviderNoPciCardCanBeOpened() {
        machine.card(CARD, "0x8086", "0x10fb");
        assertThat(card().obstacles(false)).singleElement().asString().contains("this version opens no PCI cards");
        assertThat(card().obstacles(true)).isEmpty();
    }

    @Test
    void aCardThatNoDriverKnowsCannotBeOpened() {
        machine.card(CARD, "0x15b3", "0x1017");
        assertThat(card().obstacles(true)).singleElement().asString().contains("no Barewire driver for 15b3:1017");
    }

    @Test
    void anotherVendorsDeviceWithAKnownDeviceIdIsNotTakenForIntels() {
        machine.card(CARD, "0x15b3", "0x10fb");
        assertThat(card().hasDriver()).isFalse();
        assertThat(card().name()).isEmpty();
    }

    @Test
    void addressesDefaultRouteAndMasterKeepACardWithTheKernel() {
        machine.card(CARD, "0x8086", "0x10fb")
                .netInterface(CARD, "", "eth0")
                .link(FOLDER + "/net/eth0/master", "../../../virtual/net/bond0")
                .write("proc/net/route", "Iface Destination\neth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n");
        addresses = Map.of("eth0", List.of("192.0.2.7/24"));
        assertThat(card().obstacles(true))
                .containsExactly(
                        "in use: the default route leads through interface eth0. "
                                + "Move it: sudo ip route replace default via GATEWAY dev OTHER",
                        "in use: interface eth0 has 192.0.2.7/24. "
                                + "Remove it: sudo ip address delete 192.0.2.7/24 dev eth0",
                        "in use: interface eth0 is part of bond0. Take it out: sudo ip link set eth0 nomaster");
    }

    @Test
    void nobodyIsToldToGiveUpAnAddressForACardThatCannotBeOpenedAnyway() {
        machine.card(CARD, "0x1af4", "0x1041").netInterface(CARD, "", "eth0");
        addresses = Map.of("eth0", List.of("192.0.2.7/24"));
        assertThat(card().obstacles(true))
                .contains("in use: interface eth0 has 192.0.2.7/24")
                .noneMatch(obstacle -> obstacle.contains("sudo"));
    }

    @Test
    void theInterfaceOfAVirtioCardIsOneLevelFurtherDown() {
        machine.card(CARD, "0x1af4", "0x1041").netInterface(CARD, "virtio2/", "eth7");
        assertThat(card().interfaces()).extracting(NetInterface::name).containsExactly("eth7");
    }

    @Test
    void linksInACardsFolderAreNotFollowedToOtherCardsInterfaces() {
        machine.card(CARD, "0x8086", "0x10fb")
                .card("0000:03:10.0", "0x8086", "0x10ed")
                .netInterface("0000:03:10.0", "", "vf0")
                .link(FOLDER + "/virtfn0", "../0000:03:10.0");
        assertThat(card().interfaces()).isEmpty();
    }

    @Test
    void ipv6DefaultRoutesCountUnlessTheyReject() {
        String any = "0".repeat(32);
        String route = any + " 00 " + any + " 00 " + any + " 00000400 00000002 00000000 %s %s\n";
        machine.write("proc/net/ipv6_route", route.formatted("00000003", "eth1") + route.formatted("00200200", "lo"));
        assertThat(DefaultRoutes.interfaces(machine.files())).containsExactly("eth1");
    }

    @Test
    void garbageInRoutesIsPassedOver() {
        machine.write("proc/net/route", "\0\0\nx\neth0 00000000 0 zz 0 0 0 00000000\n \n");
        assertThat(DefaultRoutes.interfaces(machine.files())).isEmpty();
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
    void onlyNetworkCardsAndOnlyPciAddressesAreListed() {
        machine.write("sys/bus/pci/devices/0000:00:01.0/class", "0x060000")
                .write("sys/bus/pci/devices/0000:00:02.0/class", "")
                .write("sys/bus/pci/devices/nonsense/class", "0x020000")
                .card(CARD, "0x8086", "0x10fb");
        assertThat(new PciCards(machine.files(), name -> List.of()).find())
                .extracting(PciCard::address)
                .containsExactly(CARD);
    }

    @Test
    void manyCardsAreListedByAddress() {
        for (int slot = 31; slot >= 0; slot--) {
            for (int function = 7; function >= 0; function--) {
                machine.card("0000:03:%02x.%d".formatted(slot, function), "0x8086", "0x1528");
            }
        }
        assertThat(new PciCards(machine.files(), name -> List.of()).find())
                .hasSize(256)
                .isSortedAccordingTo(Comparator.comparing(PciCard::address));
    }

    @Test
    void otherVendorsNamesComeFromTheListOfPciIds() {
        machine.card(CARD, "0x1af4", "0x1041").write("usr/share/misc/pci.ids", """
                        # list
                        1af3  Other
                        \t1041  Wrong
                        1af4  Red Hat, Inc.
                        \t1000  Old
                        \t1041  Virtio 1.0 network device
                        \t\t1af4 1100  Sub
                        1af5  Next
                        """);
        assertThat(card().name()).isEqualTo("Red Hat, Inc. Virtio 1.0 network device");
    }

    @Test
    void everyProviderIsListedWithItsOptionsAndItsDevices() {
        providers = List.of(new TapProvider());
        assertThat(list())
                .contains("  tap:NAME  a TAP interface\n", "    mtu=  largest packet\n")
                .contains("    tap:bw0  made up, link down: no cable\n", "can't be opened: busy\n");
    }

    @Test
    void jsonSaysTheSameAsText() {
        providers = List.of(new TapProvider());
        machine.card(CARD, "0x8086", "0x10fb").netInterface(CARD, "", "eth0");
        assertThat(list("--json"))
                .startsWith("{\"cards\":[{\"address\":\"0000:03:00.0\",\"id\":\"8086:10fb\"")
                .contains("\"can_be_opened\":false", "\"mbit_per_second\":10000", "\"scheme\":\"tap\"")
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
