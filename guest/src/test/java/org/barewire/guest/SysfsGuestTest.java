package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// PCI devices without an IOMMU, taken through sysfs from the guest's kernel.
@Tag("guest")
class SysfsGuestTest {
    private static final String CARD = "0000:00:10.0";
    private static final String LEGACY = "0000:00:11.0";
    private static final String CONFIG = "/sys/bus/pci/devices/" + CARD + "/config";
    private static final int PAGES = 32;

    private static final int KILLS = Integer.getInteger("barewire.kills", 50);

    private static Guest guest;

    @BeforeAll
    static void boot() {
        guest = Guest.builder("sysfs")
                .processors(2) // for the JVMs that are started and killed
                .hugePages(PAGES)
                .modules("e1000e", "virtio_net")
                .nic("e1000e", "")
                .nic("virtio-net-pci", "disable-modern=on")
                .boot();
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    private static String probe(String job) {
        return guest.java(PciProbe.class, job, CARD).output();
    }

    private static String driver() {
        return guest.run("basename $(readlink /sys/bus/pci/devices/%s/driver)".formatted(CARD))
                .output();
    }

    @Test
    void registersAndPortsAreTheCardsAndTheKernelGetsItBack() {
        String found = probe("look");
        assertThat(found).contains("config=10d38086", "address=525400000001", "vectors=0");
        assertThat(found).contains("ports=" + found.replaceAll("(?s).*status=([0-9a-f]{8}).*", "$1"));
        assertThat(driver()).isEqualTo("e1000e");
    }

    @Test
    void theCardReachesMemoryByItsPhysicalAddresses() {
        assertThat(probe("dma")).contains("2 MiB of packet memory on 2 MiB pages", "written=true");
        assertThat(driver()).isEqualTo("e1000e");
    }

    @Test
    void everyFrameIsEchoedUnchanged() {
        try (AgentSession agent = guest.agent()) {
            agent.ask("open nic " + CARD);
            agent.assertEchoes("nic", guest.wire(0), 100_000, 1514, 1);
            agent.ask("close nic");
            agent.ask("open nic %s?mtu=9000".formatted(CARD));
            agent.assertEchoes("nic", guest.wire(0), 5_000, 9014, 2);
            agent.ask("close nic");
        }
        assertThat(driver()).isEqualTo("e1000e");
    }

    @Test
    void aResetKeepsConfiguration() {
        assertThat(probe("reset")).contains("command=0107", "closed=true");
    }

    @Test
    void withoutHugePagesItIsSaidHowToGetThem() {
        guest.run("sysctl -qw vm.nr_hugepages=0").orFail();
        assertThat(probe("dma")).contains("refused=allocate 2 MiB on huge pages", "sysctl vm.nr_hugepages=");
        guest.run("sysctl -qw vm.nr_hugepages=" + PAGES).orFail();
        assertThat(driver()).isEqualTo("e1000e");
    }

    @Test
    void aDeviceThatIsRemovedWhileItIsOpenIsClosedAllTheSame() {
        assertThat(probe("remove")).contains("closed=true");
        guest.run("echo 1 >/sys/bus/pci/rescan; " + VfioGuestTest.untilDriverIs("e1000e", CARD))
                .orFail();
    }

    @Test
    void onlyRootCanUseIt() {
        String command = JavaCommand.asNobody(PciProbe.class, "look", CARD);
        assertThat(guest.run(command).output()).contains("has no IOMMU, and without one only root can use it");
        assertThat(driver()).isEqualTo("e1000e");
    }

    @Test
    void aCardThatNoDriverHadStopsItsDmaWhenTheProcessIsKilled() {
        guest.run("echo %1$s >/sys/bus/pci/devices/%1$s/driver/unbind".formatted(CARD))
                .orFail();
        launch(PciProbe.class, "hold", CARD);
        awaitWord("held", CARD);
        assertThat(command() & 4).isEqualTo(4);
        guest.run(
                        "pkill -9 -f [P]ciProbe; for i in $(seq 100); do grep -q barewire /sys/bus/pci/devices/%s/driver_override || exit 0; sleep 0.1; done; exit 1"
                                .formatted(CARD))
                .orFail();
        assertThat(command() & 4).isZero();
        guest.run("echo %s >/sys/bus/pci/drivers/e1000e/bind".formatted(CARD)).orFail();
    }

    /// Two processes at a time, each with a card of its own; and now and then one with both.
    @Test
    void processesThatAreKilledUnderTrafficLeaveMemoryAloneAndTheDriversComeBack() {
        List<Thread> traffic = List.of(guest.wire(0).flood(), guest.wire(1).flood());
        try (AgentSession agent = guest.agent()) {
            int killed = 0;
            for (int round = 0; killed < KILLS; round++) {
                killed += round % 5 == 0 ? receive(CARD, LEGACY) : receive(CARD) + receive(LEGACY);
                awaitWord("receiving", CARD);
                awaitWord("receiving", LEGACY);
                guest.run("pkill -9 -f [g]uest.Sink").orFail();
                guest.run("for i in $(seq 200); do pgrep -f barewire-supervisor || exit 0; sleep 0.1; done; exit 1")
                        .orFail();
                guest.run(VfioGuestTest.untilDriverIs("e1000e", CARD)).orFail();
                guest.run(VfioGuestTest.untilDriverIs("virtio-pci", LEGACY)).orFail();
                assertThat(agent.ask("watch " + PAGES).number("changed")).isZero();
            }
        }
        traffic.forEach(Thread::interrupt);
    }

    /// Starts a process that receives from cards, and counts it.
    private static int receive(String... cards) {
        launch(Sink.class, cards);
        return 1;
    }

    private static int command() {
        return Integer.parseInt(
                guest.run("od -An -tx2 -j4 -N2 " + CONFIG).orFail().strip(), 16);
    }

    /// Starts a program with arguments, some of which are cards' addresses.
    private static void launch(Class<?> program, String... arguments) {
        String said = Stream.of(CARD, LEGACY)
                .filter(List.of(arguments)::contains)
                .map("/run/said-"::concat)
                .collect(Collectors.joining(" "));
        guest.run("rm -f %1$s; (%2$s) 2>&1 | tee %1$s >/dev/null &".formatted(said, JavaCommand.of(program, arguments)))
                .orFail();
    }

    /// Waits until the program that has the card has said a word.
    private static void awaitWord(String word, String card) {
        guest.run(
                        "for i in $(seq 400); do grep -qs %1$s /run/said-%2$s && exit 0; sleep 0.1; done; cat /run/said-%2$s; exit 1"
                                .formatted(word, card))
                .orFail();
    }
}
