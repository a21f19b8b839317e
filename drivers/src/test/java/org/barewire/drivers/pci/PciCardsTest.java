package org.barewire.drivers.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PciCardsTest {
    private static final String CARD = "0000:03:00.0";
    private static final String FOLDER = "sys/bus/pci/devices/" + CARD;

    @TempDir
    private Path root;

    private MadeUpMachine machine;
    private Map<String, List<String>> addresses = Map.of();

    @BeforeEach
    void startWithAnEmptyMachine() {
        machine = new MadeUpMachine(root);
    }

    private List<PciCard> cards() {
        return new PciCards(machine.files(), name -> addresses.getOrDefault(name, List.of())).find();
    }

    private PciCard card() {
        return cards().getFirst();
    }

    @Test
    void aCardThatADriverKnowsCanBeOpened() {
        machine.card(CARD, "0x8086", "0x10fb");
        assertThat(card().obstacles()).isEmpty();
    }

    @Test
    void aCardThatNoDriverKnowsCannotBeOpened() {
        machine.card(CARD, "0x15b3", "0x1017");
        assertThat(card().obstacles()).singleElement().asString().contains("no Barewire driver for 15b3:1017");
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
        assertThat(card().obstacles())
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
        assertThat(card().obstacles())
                .contains("in use: interface eth0 has 192.0.2.7/24")
                .noneMatch(obstacle -> obstacle.contains("sudo"));
    }

    @Test
    void theInterfaceOfAVirtioCardIsOneLevelFurtherDown() {
        machine.card(CARD, "0x1af4", "0x1041").netInterface(CARD, "virtio2/", "eth7");
        assertThat(card().interfaces()).extracting(KernelInterface::name).containsExactly("eth7");
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
    void onlyNetworkCardsAndOnlyPciAddressesAreListed() {
        machine.write("sys/bus/pci/devices/0000:00:01.0/class", "0x060000")
                .write("sys/bus/pci/devices/0000:00:02.0/class", "")
                .write("sys/bus/pci/devices/nonsense/class", "0x020000")
                .card(CARD, "0x8086", "0x10fb");
        assertThat(cards()).extracting(PciCard::address).containsExactly(CARD);
    }

    @Test
    void manyCardsAreListedByAddress() {
        for (int slot = 31; slot >= 0; slot--) {
            for (int function = 7; function >= 0; function--) {
                machine.card("0000:03:%02x.%d".formatted(slot, function), "0x8086", "0x1528");
            }
        }
        assertThat(cards()).hasSize(256).isSortedAccordingTo(Comparator.comparing(PciCard::address));
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
}
