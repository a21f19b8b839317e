package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.barewire.cli.Check.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DoctorCommandTest {
    private static final String HUGE = "hugepages/hugepages-2048kB/";
    private static final JvmState GOOD_JVM = jvm(true, List.of(), "mixed mode", "Copy", 256);

    @TempDir
    private Path root;

    private MadeUpMachine machine;

    @BeforeEach
    void startWithAnEmptyMachine() {
        machine = new MadeUpMachine(root);
    }

    private static JvmState jvm(
            boolean nativeAccess, List<String> flags, String mode, String collector, long firstHeap) {
        return new JvmState(
                "25",
                mode,
                "Linux amd64",
                flags,
                "org.barewire.core",
                nativeAccess,
                List.of(collector),
                firstHeap << 20,
                256 << 20);
    }

    private static Check check(List<Check> checks, String topic) {
        return checks.stream().filter(c -> c.topic().equals(topic)).findFirst().orElseThrow();
    }

    private List<Check> memory() {
        return new MemoryChecks(machine.files(), () -> "").run();
    }

    private List<Check> cpus() {
        return new CpuChecks(machine.files(), 2).run();
    }

    private record Outcome(int status, String out) {}

    private Outcome doctor(String failureOfMemory, String... args) {
        StringWriter out = new StringWriter();
        DoctorCommand command = new DoctorCommand(machine.files(), () -> GOOD_JVM, () -> failureOfMemory);
        int status = new CommandLine(command).setOut(new PrintWriter(out)).execute(args);
        return new Outcome(status, out.toString());
    }

    @Test
    void aMachineThatTellsNothingStillRunsSimulatedCards() {
        Outcome outcome = doctor("");
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).endsWith("Simulated cards can be opened.\n");
    }

    @Test
    void withoutPacketMemoryTheStatusIsOne() {
        Outcome outcome = doctor("map 2097152 bytes: ENOMEM");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).containsPattern("missing +packet memory +map 2097152 bytes: ENOMEM");
    }

    @Test
    void findingsFitInto80Columns() {
        assertThat(doctor("").out().lines().filter(line -> !line.startsWith("    -> ")))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void jsonHasEveryCheck() {
        assertThat(doctor("", "--json").out())
                .startsWith("{\"runs\":true,\"checks\":[{\"chapter\":\"JVM\",\"topic\":\"system\",\"verdict\":\"ok\"")
                .contains("\"topic\":\"kernel lockdown\"");
    }

    @Test
    void nativeAccessIsMissingOnlyWhereItIsDenied() {
        JvmState warns = jvm(false, List.of(), "mixed mode", "Copy", 256);
        JvmState denies = jvm(false, List.of("--illegal-native-access=deny"), "mixed mode", "Copy", 256);
        assertThat(check(new JvmChecks(GOOD_JVM).run(), "native access").verdict())
                .isEqualTo(Verdict.OK);
        assertThat(check(new JvmChecks(warns).run(), "native access").verdict()).isEqualTo(Verdict.COULD_BE_BETTER);
        assertThat(check(new JvmChecks(denies).run(), "native access"))
                .returns(Verdict.MISSING, Check::verdict)
                .returns("start with --enable-native-access=org.barewire.core", Check::cure);
    }

    @Test
    void aSlowJvmIsToldTheFlags() {
        JvmState slow = jvm(true, List.of(), "interpreted mode", "G1 Young Generation", 16);
        assertThat(new JvmChecks(slow).run())
                .extracting(Check::cure)
                .contains("start without -Xint", "start with -XX:+UseSerialGC", "start with -Xms256m -Xmx256m");
    }

    @Test
    void hugePagesInUseAreAddedToThoseThatAreWanted() {
        machine.write("sys/kernel/mm/" + HUGE + "nr_hugepages", "100\n")
                .write("sys/kernel/mm/" + HUGE + "free_hugepages", "10\n");
        assertThat(check(memory(), "huge pages"))
                .returns("10 of 100 pages of 2 MiB are free", Check::finding)
                .returns("echo 218 | sudo tee /sys/kernel/mm/" + HUGE + "nr_hugepages", Check::cure);
    }

    @Test
    void eachNodeOfSeveralNeedsHugePages() {
        String nodes = "sys/devices/system/node/";
        machine.write(nodes + "node0/" + HUGE + "nr_hugepages", "512")
                .write(nodes + "node0/" + HUGE + "free_hugepages", "512")
                .write(nodes + "node1/" + HUGE + "nr_hugepages", "garbage")
                .folder(nodes + "power");
        assertThat(check(memory(), "huge pages, node0").verdict()).isEqualTo(Verdict.OK);
        assertThat(check(memory(), "huge pages, node1").cure())
                .isEqualTo("echo 128 | sudo tee /" + nodes + "node1/" + HUGE + "nr_hugepages");
    }

    @Test
    void cpusCanBeIsolatedWhereThereAreFour() {
        machine.write("sys/devices/system/cpu/online", "0-7\n")
                .write("sys/devices/system/cpu/isolated", "\n")
                .write("sys/devices/system/cpu/nohz_full", "(null)\n");
        assertThat(check(cpus(), "isolated CPUs").cure()).contains("isolcpus=4-7");
        assertThat(check(cpus(), "tickless CPUs").cure()).contains("nohz_full=4-7");
        machine.write("sys/devices/system/cpu/isolated", "2-3\n");
        assertThat(check(cpus(), "isolated CPUs")).isEqualTo(Check.ok("isolated CPUs", "2-3"));
    }

    @Test
    void garbageInListsOfCpusCountsAsNone() {
        machine.write("sys/devices/system/cpu/online", "7-0\n").write("sys/devices/system/cpu/isolated", "1-,x");
        assertThat(cpus()).allMatch(check -> check.verdict() == Verdict.OK);
    }

    @Test
    void oneSlowGovernorIsEnough() {
        machine.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n")
                .write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n")
                .write("proc/sys/kernel/numa_balancing", "1\n");
        assertThat(check(cpus(), "CPU governor").finding()).isEqualTo("performance, powersave");
        assertThat(check(cpus(), "CPU governor").cure()).isEqualTo("sudo cpupower frequency-set -g performance");
        assertThat(check(cpus(), "NUMA balancing").cure()).isEqualTo("sudo sysctl kernel.numa_balancing=0");
    }

    @Test
    void onThisMachineBarewireRuns() {
        StringWriter out = new StringWriter();
        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("doctor"))
                .as(out.toString())
                .isZero();
    }
}
