package org.barewire.cli;

import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.LinuxException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/// The `barewire` command: kernel-bypass networking from the command line.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage; what was wrong is one sentence on standard error, with a
/// stack trace if the environment variable `BAREWIRE_DEBUG` is set.
@Command(
        name = "barewire",
        description = "Kernel-bypass networking in plain Java.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DemoCommand.class,
            FwdCommand.class,
            BenchCommand.class,
            DumpCommand.class,
            PktgenCommand.class,
            CompletionCommand.class,
            DevicesCommand.class,
            DoctorCommand.class,
        })
public final class Main implements Runnable {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    private Main() {}

    public static void main(String[] args) {
        Stopper.exit(commandLine().execute(args));
    }

    /// The whole command, for one execution.
    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Main());
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setParameterExceptionHandler((e, args) -> complain(e));
        command.setExecutionExceptionHandler((e, failed, parsed) -> explain(e, failed));
        return command;
    }

    private static int complain(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().printf("%s: %s. '%s --help' shows what is possible.%n", name, sentence(e), name);
        return WRONG_USAGE;
    }

    private static int explain(Exception e, CommandLine command) {
        boolean known = e instanceof DeviceException || e instanceof LinuxException;
        String hint = known ? "" : " (BAREWIRE_DEBUG=1 in the environment shows where)";
        String what = known ? sentence(e) : e.toString();
        command.getErr().printf("%s: %s%s%n", command.getCommandSpec().qualifiedName(), what, hint);
        if (System.getenv("BAREWIRE_DEBUG") != null) {
            e.printStackTrace(command.getErr());
        }
        return FAILED;
    }

    private static String sentence(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.strip();
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
