package org.barewire.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/// A command line run within the test: exit status and what was printed.
record Run(int status, String out, String err) {
    static Run of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        int status = command.execute(args);
        return new Run(status, out.toString(), err.toString());
    }

    /// A whole number in the JSON that was printed.
    long number(String member) {
        Matcher found = Pattern.compile("\"" + member + "\":(-?[0-9]+)[,}]").matcher(out);
        if (!found.find()) {
            throw new AssertionError("no whole number " + member + " in " + out + err);
        }
        return Long.parseLong(found.group(1));
    }
}
