package org.barewire.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.barewire.core.linux.SystemFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `barewire doctor`: what the machine lacks for Barewire to run, or to run well, and what to do about it.
@Command(
        name = "doctor",
        description = {
            "Looks at the JVM, memory, CPUs, privileges and PCI support, and says for each what could be better and "
                    + "which command or flag makes it so.",
            "Needs no privileges and changes nothing. Exit status: 0 if all is there that simulated cards need, 1 if "
                    + "something is missing without which Barewire, or a device that is named, can't run at all."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    private static final int TOPIC_WIDTH = 18;
    private static final int VERDICT_WIDTH =
            Check.Verdict.COULD_BE_BETTER.toString().length();

    private final Map<String, Supplier<List<Check>>> chapters = new LinkedHashMap<>();

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "DEVICE",
            description =
                    "Look at these devices as well, as in 0000:03:00.0 or afxdp:eth1: whether each can be opened, "
                            + "and what its driver and the kernel can do for it.")
    private List<String> devices = List.of();

    @Option(names = "--json", description = "Print one JSON object to standard output.")
    private boolean json;

    /// For picocli.
    DoctorCommand() {
        this(SystemFiles.ofMachine(), JvmState::ofThisOne, MemoryChecks::tryPacketMemory);
    }

    /// @param trial maps packet memory, and says why if that fails
    DoctorCommand(SystemFiles files, Supplier<JvmState> jvm, Supplier<String> trial) {
        chapters.put("JVM", () -> new JvmChecks(jvm.get()).run());
        chapters.put("Memory", () -> new MemoryChecks(files, trial).run());
        chapters.put("CPUs", () -> new CpuChecks(files, Runtime.getRuntime().availableProcessors()).run());
        chapters.put("Privileges", () -> new PrivilegeChecks(files).run());
        chapters.put("PCI cards", () -> new PciChecks(files).run());
    }

    @Override
    public Integer call() {
        Map<String, List<Check>> checks = new LinkedHashMap<>();
        chapters.forEach((chapter, look) -> checks.put(chapter, look.get()));
        devices.forEach(device -> checks.put(device, DeviceChecks.run(device)));
        boolean runs = checks.values().stream()
                .flatMap(List::stream)
                .noneMatch(check -> check.verdict() == Check.Verdict.MISSING);
        String report = json ? json(checks, runs).toString() + '\n' : text(checks, runs, devices.isEmpty());
        spec.commandLine().getOut().print(report);
        spec.commandLine().getOut().flush();
        return runs ? Main.DONE : Main.FAILED;
    }

    private static String text(Map<String, List<Check>> checks, boolean runs, boolean ofMachine) {
        StringBuilder text = new StringBuilder();
        checks.forEach((chapter, list) -> {
            text.append(chapter).append('\n');
            list.forEach(check -> text.append(text(check)));
            text.append('\n');
        });
        String can = ofMachine ? "Simulated cards can be opened.\n" : "What was named can be opened.\n";
        String cannot = ofMachine ? "Barewire can't run" : "Not all that was named can be opened";
        text.append(runs ? can : cannot + ": see what is missing.\n");
        return text.toString();
    }

    private static String text(Check check) {
        String lead = "  %%-%ds  %%-%ds  ".formatted(VERDICT_WIDTH, TOPIC_WIDTH);
        String finding = Paragraph.of(lead.formatted(check.verdict(), check.topic()), check.finding());
        // not broken into lines, so that a command can be copied
        return check.cure().isEmpty() ? finding : finding + "    -> " + check.cure() + '\n';
    }

    private static Json json(Map<String, List<Check>> checks, boolean runs) {
        List<Json> all = checks.entrySet().stream()
                .flatMap(chapter -> chapter.getValue().stream().map(check -> json(chapter.getKey(), check)))
                .toList();
        return new Json().put("runs", runs).put("checks", all);
    }

    private static Json json(String chapter, Check check) {
        return new Json()
                .put("chapter", chapter)
                .put("topic", check.topic())
                .put("verdict", check.verdict())
                .put("finding", check.finding())
                .put("cure", check.cure());
    }
}
