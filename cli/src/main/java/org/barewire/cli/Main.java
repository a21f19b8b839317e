package org.barewire.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.LinuxException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The `barewire` command: kernel-bypass networking from the command line.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage; what was wrong is one sentence on standard error, with a
/// stack trace if the environment variable `BAREWIRE_DEBUG` is set.
@Command(
        name = "barewire",
        description = "Kernel-bypass networking in plain Java.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            DemoCommand.class,
            FwdCommand.class,
            BenchCommand.class,
            DumpCommand.class,
            PktgenCommand.class,
            NicCommand.class,
            CompletionCommand.class,
            DevicesCommand.class,
            DoctorCommand.class,
        })
public final class Main implements Runnable {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        CommandLine command = commandLine();
        // System.out would keep to itself that nobody reads it, or that the disk is full
        command.setOut(new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), System.out.charset())));
        Stopper.exit(run(command, args));
    }

    /// Executes a command line, which has failed if what it printed is lost.
    static int run(CommandLine command, String... args) {
        int status = command.execute(args);
        if (status == DONE && command.getOut().checkError()) {
            command.getErr()
                    .println(
                            "barewire: the standard output could not be written: the disk is full, or its reader gone");
            return FAILED;
        }
        return status;
    }

    /// The whole command, for one execution.
    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Main());
        command.getSubcommands().values().forEach(Main::tellVersion);
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setParameterExceptionHandler((e, args) -> complain(e));
        command.setExecutionExceptionHandler((e, failed, parsed) -> explain(e, failed));
        return command;
    }

    private static void tellVersion(CommandLine command) {
        command.getCommandSpec().versionProvider(new Version());
        command.getSubcommands().values().forEach(Main::tellVersion);
    }

    private static int complain(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().printf("%s: %s. '%s --help' shows what is possible.%n", name, sentence(e), name);
        return WRONG_USAGE;
    }

    private static int explain(Exception e, CommandLine command) {
        boolean known = e instanceof DeviceException || e instanceof LinuxException || e instanceof IOException;
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
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// The version that was built.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            var module = Main.class.getModule().getDescriptor();
            String version = module == null ? "" : module.rawVersion().orElse("");
            return new String[] {"barewire " + version, "Java " + Runtime.version()};
        }
    }
}
