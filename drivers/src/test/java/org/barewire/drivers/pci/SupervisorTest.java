package org.barewire.drivers.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A process that has taken a card of a machine of files, and is killed.
@Timeout(60)
class SupervisorTest {
    private static final long PATIENCE = 20_000_000_000L;
    private static final String CARD = "0000:03:00.0";
    private static final String FOLDER = "sys/bus/pci/devices/" + CARD;
    private static final String SECOND = "0000:04:00.0";
    private static final String SECOND_FOLDER = "sys/bus/pci/devices/" + SECOND;

    @TempDir
    private Path root;

    private MadeUpMachine machine;
    private Process process;
    private BufferedReader output;

    @BeforeEach
    void startAProcessThatTakesACard() throws IOException, URISyntaxException {
        machine = new MadeUpMachine(root)
                .cardWithDriver(CARD, "0x8086", "0x10fb", "ixgbe")
                .cardWithDriver(SECOND, "0x8086", "0x10d3", "e1000e");
        String classes =
                String.join(":", folder(SystemFiles.class), folder(Supervisor.class), folder(SupervisorTest.class));
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classes,
                        Taker.class.getName(),
                        root.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = process.inputReader();
        assertThat(output.readLine()).isEqualTo("taken");
        assertThat(machine.files().line(FOLDER + "/driver_override")).isEqualTo("barewire");
        isInUse(FOLDER);
    }

    /// As the kernel would have it.
    private void isInUse(String folder) throws IOException {
        Files.delete(machine.path(folder + "/driver"));
        machine.write(folder + "/enable", "1\n");
    }

    private static String folder(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    /// The one that is left when the one before it, which it replaces, has ended.
    private ProcessHandle supervisor() {
        long start = System.nanoTime();
        List<ProcessHandle> children = process.children().toList();
        while (children.size() != 1 && System.nanoTime() - start < PATIENCE) {
            Thread.onSpinWait();
            children = process.children().toList();
        }
        assertThat(children).hasSize(1);
        return children.getFirst();
    }

    private void next(String job) throws IOException {
        process.getOutputStream().write((job + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        assertThat(output.readLine()).isEqualTo("done");
    }

    private static void awaitEnd(ProcessHandle supervisor) throws Exception {
        supervisor.onExit().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aProcessThatIsKilledLeavesNothingBehind() throws Exception {
        ProcessHandle supervisor = supervisor();
        process.destroyForcibly();
        awaitEnd(supervisor);
        assertThat(machine.files().line(FOLDER + "/enable")).isEqualTo("0"); // which stops DMA
        assertThat(machine.files().line(FOLDER + "/driver_override")).isEmpty();
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEqualTo(CARD + "\n");
    }

    @Test
    void eachOfTwoCardsIsPutRight() throws Exception {
        next("take second");
        isInUse(SECOND_FOLDER);
        ProcessHandle supervisor = supervisor();
        process.destroyForcibly();
        awaitEnd(supervisor);
        for (String folder : List.of(FOLDER, SECOND_FOLDER)) {
            assertThat(machine.files().line(folder + "/enable")).isEqualTo("0");
            assertThat(machine.files().line(folder + "/driver_override")).isEmpty();
        }
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEqualTo(CARD + "\n");
        assertThat(machine.read("sys/bus/pci/drivers/e1000e/bind")).isEqualTo(SECOND + "\n");
    }

    @Test
    void whatCtrlCSendsToAllDoesNotEndTheSupervisor() throws Exception {
        ProcessHandle supervisor = supervisor();
        for (String signal : List.of("INT", "TERM", "HUP")) {
            assertThat(new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(signal, supervisor.pid()))
                            .start()
                            .waitFor())
                    .isZero();
        }
        process.destroyForcibly();
        awaitEnd(supervisor);
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEqualTo(CARD + "\n");
    }

    @Test
    void memoryIsHeldForAsLongAsADeviceMayWriteToIt() throws Exception {
        next("hold");
        next("hold");
        assertThat(memoryFiles(supervisor())).isEqualTo(2);
        next("release");
        assertThat(memoryFiles(supervisor())).isEqualTo(1);
    }

    @Test
    void aCardThatWasGivenBackIsLeftAlone() throws Exception {
        ProcessHandle supervisor = supervisor();
        next("give back");
        awaitEnd(supervisor);
        machine.write("sys/bus/pci/drivers/ixgbe/bind", "").write(FOLDER + "/enable", "1\n");
        process.destroyForcibly().waitFor();
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEmpty();
        assertThat(machine.read(FOLDER + "/enable")).isEqualTo("1\n");
    }

    private static long memoryFiles(ProcessHandle process) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/%d/fd".formatted(process.pid())))) {
            return files.filter(SupervisorTest::isMemory).count();
        }
    }

    private static boolean isMemory(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().contains("memfd:barewire");
        } catch (IOException e) {
            return false;
        }
    }

    /// Takes the card, does jobs, and waits to be killed.
    static final class Taker {
        private Taker() {}

        private static KernelDriver take(SystemFiles files, String address) {
            PciCard card = new PciCards(files, name -> List.of()).find(address).orElseThrow();
            return KernelDriver.takeAway(files, card);
        }

        public static void main(String[] arguments) throws IOException {
            SystemFiles files = new SystemFiles(Path.of(arguments[0]));
            KernelDriver driver = take(files, CARD);
            PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
            memory.attach(new PhysicalDma());
            System.out.println("taken");
            BufferedReader jobs = new BufferedReader(
                    new java.io.InputStreamReader(System.in, java.nio.charset.StandardCharsets.US_ASCII));
            for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
                switch (job) {
                    case "take second" -> take(files, SECOND);
                    case "hold" -> memory.add(1);
                    case "release" -> memory.remove(memory.regions().getFirst());
                    default -> driver.giveBack();
                }
                System.out.println("done");
            }
        }
    }
}
