package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class NicCommandTest {
    @TempDir
    Path folder;

    private Process serve(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=org.barewire.core",
                "-p",
                System.getProperty("jdk.module.path"),
                "-m",
                "org.barewire.cli/org.barewire.cli.Main",
                "nic",
                "--socket",
                socket(),
                "--json"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve("err").toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertThat(Registers.await(() -> Files.exists(Path.of(socket())), 60_000_000_000L))
                .isTrue();
        return process;
    }

    /// A server listens a moment after its socket is there.
    private NetDevice connect() {
        long start = System.nanoTime();
        while (true) {
            try {
                return NetDevice.open("vfio-user:" + socket());
            } catch (DeviceException e) {
                if (System.nanoTime() - start > 20_000_000_000L) {
                    throw e;
                }
            }
        }
    }

    private String socket() {
        return folder.resolve("nic.sock").toString();
    }

    /// Sends back what comes, until so many frames have been.
    private static void bounce(NetDevice driver, int frames) {
        var rx = driver.rx(0);
        var tx = driver.tx(0);
        driver.awaitLink(Duration.ofSeconds(10));
        long[] packets = new long[32];
        for (int done = 0; done < frames; ) {
            int received = rx.receive(packets);
            for (int sent = 0; sent < received; ) {
                sent += tx.send(packets, sent, received - sent);
            }
            done += received;
        }
        Registers.await(() -> tx.reclaim() == 0, 5_000_000_000L);
    }

    @Test
    void aDriverInAnotherProcessSendsEveryFrameBackUnchanged() throws IOException, InterruptedException {
        Path log = folder.resolve("registers");
        Process process = serve("--send", "2kpps", "--size", "imix", "--log-registers", log.toString());
        try (NetDevice driver = connect()) {
            bounce(driver, 3000);
        }
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Run run = new Run(
                process.exitValue(), Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
        assertThat(run.status()).as(run.toString()).isZero();
        assertThat(run.number("tester_received")).isGreaterThanOrEqualTo(3000);
        assertThat(run.number("tester_corrupted")).isZero();
        assertThat(run.out()).contains("\"complaints\":[]");
        assertThat(Files.readAllLines(log))
                .contains("W 00888 7fffffff EIMC")
                .noneMatch(line -> line.endsWith("?"))
                .hasSizeGreaterThan(1000);
    }

    @Test
    void aServerThatIsKilledLeavesADeviceThatIsGone() throws IOException, InterruptedException {
        Process process = serve("--send", "2kpps");
        try (NetDevice driver = connect()) {
            bounce(driver, 100);
            process.destroyForcibly().waitFor();
            assertThat(Registers.await(() -> !driver.link().up(), 10_000_000_000L))
                    .isTrue();
            assertThat(driver.link().reason()).contains("does not answer");
            long[] packets = new long[1024]; // more than the ring has
            int n = driver.rx(0).receive(packets);
            assertThat(n).isLessThan(packets.length);
            PacketPool.release(packets, 0, n);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--model zz", "--model 1234", "--mac x", "--send 1x", "--size 7", "--wire null: --send 1kpps"})
    void whatMakesNoSenseIsWrongUsage(String options) {
        List<String> arguments = new ArrayList<>(List.of("nic", "--socket", socket()));
        arguments.addAll(List.of(options.split(" ")));
        Run run = Run.of(arguments.toArray(String[]::new));
        assertThat(run.status()).as(run.err()).isEqualTo(2);
        assertThat(Files.exists(Path.of(socket()))).isFalse();
    }

    @Test
    void aCardIsNotItsOwnWire() {
        String roundabout =
                folder.resolve("here").resolve("..").resolve("nic.sock").toString();
        Run run = Run.of("nic", "--socket", socket(), "--wire", "nic:" + roundabout);
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("a card cannot be its own wire");
    }

    @Test
    void aLogThatCannotBeWrittenEndsItAtOnce() throws IOException, InterruptedException {
        Process process = serve("--log-registers", "/dev/full");
        while (process.isAlive()) {
            try (NetDevice driver = NetDevice.open("vfio-user:" + socket())) {
                assertThat(process.waitFor(60, TimeUnit.SECONDS))
                        .as(driver.name())
                        .isTrue();
            } catch (DeviceException e) {
                Thread.onSpinWait(); // it does not listen yet, or has gone in the middle of it
            }
        }
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("err")))
                .contains("--log-registers /dev/full: No space left on device")
                .doesNotContain("Exception", "\tat ");
    }

    @Test
    void aSocketThatCannotBeIsExplained() {
        Run run = Run.of("nic", "--socket", folder.resolve("none/nic.sock").toString());
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("listen on socket");
    }
}
