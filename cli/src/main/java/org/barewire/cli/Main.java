package org.barewire.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `barewire` command: kernel-bypass networking from the command line.
@Command(name = "barewire", mixinStandardHelpOptions = true, subcommands = BenchCommand.class)
public final class Main implements Runnable {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
